/* Madang: what is done on this page, told only after "yes". No cookies. */
(() => {
  const s = document.currentScript, d = s.dataset, n = navigator, K = "madang";
  const home = new URL(s.src).origin;
  const off = n.globalPrivacyControl || n.doNotTrack == "1" || window.doNotTrack == "1";
  let v = "";
  const kept = x => {
    try { return x === undefined ? localStorage.getItem(K) : localStorage.setItem(K, x) }
    catch { return "no" }
  };
  const id = () => Array.from(crypto.getRandomValues(new Uint8Array(11)),
    b => b.toString(16).padStart(2, "0")).join("");
  const from = () => {
    try { const r = new URL(document.referrer); return r.host == location.host ? "" : r.host }
    catch { return "" }
  };
  const send = (k, more) => v && fetch(home + "/events", {
    method: "POST", credentials: "omit", keepalive: true,
    body: JSON.stringify({ v, e: [{ i: id(), k, p: location.pathname, r: from(), ...more }] })
  }).catch(() => {});
  const view = () => send("view");
  const agree = () => { if (!off && !v) { v = id(); kept(v); view() } };
  const refuse = () => { v = ""; kept("no") };
  window.madang = {
    agree, refuse, view,
    search: w => send("search", { w }),
    catalogue: d => send("catalogue", { d }),
    join: () => { if (v) location = home + "/events/join?visitor=" + v }
  };
  if (off) return;
  const was = kept();
  if (was && was != "no") { v = was; view() }
  else if (!was && d.ask) {
    const bar = document.createElement("div");
    bar.id = "madang-ask";
    bar.setAttribute("role", "region");
    bar.setAttribute("aria-label", d.ask);
    bar.append(d.ask + " ");
    for (const [t, f] of [[d.yes || "Yes", agree], [d.no || "No", refuse]]) {
      const b = document.createElement("button");
      b.textContent = t;
      b.onclick = () => { f(); bar.remove() };
      bar.append(b);
    }
    document.body.append(bar);
  }
})();
