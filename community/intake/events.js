/* Madang: what is done on this page, told only after "yes". No cookies. */
(() => {
  const s = document.currentScript, d = s.dataset, n = navigator, K = "madang";
  const home = new URL(s.src).origin;
  const off = n.globalPrivacyControl || n.doNotTrack == "1" || self.doNotTrack == "1";
  let v = "";
  const kept = x => {
    try { return x ? localStorage.setItem(K, x) : localStorage.getItem(K) }
    catch { return "no" }
  };
  const id = () => crypto.getRandomValues(new Uint32Array(3)).join("-");
  const from = () => {
    try { const r = new URL(document.referrer).host; return r == location.host ? "" : r }
    catch { return "" }
  };
  const send = (k, more) => {
    const w = v, e = { i: id(), k, p: location.pathname, r: from(), ...more }, at = Date.now();
    const go = n => {
      e.t = Date.now() - at;
      if (w && w == v) fetch(home + "/events", {
        method: "POST", credentials: "omit", keepalive: true, body: JSON.stringify({ v, e: [e] })
      }).then(r => { if (r.status == 429) throw r })
        .catch(() => n < 3 && setTimeout(go, 2e3 * 5 ** n, n + 1))
    };
    go(0)
  };
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
      b.append(t);
      b.onclick = () => { f(); bar.remove() };
      bar.append(b);
    }
    document.body.append(bar);
  }
})();
