// Keys, and care for what is being typed. Every page and form of the inbox works without this file.
"use strict";

const dialog = () => document.getElementById("keys");
const rows = () => [...document.querySelectorAll("#rows .row")];
const text = () => document.getElementById("text");
const press = (form) => document.getElementById(form)?.requestSubmit();

// Which row the keys act on: the focused one, else the one that is open.
function place() {
  const all = rows();
  const focused = all.indexOf(document.activeElement);
  return focused >= 0 ? focused : all.findIndex((row) => row.hasAttribute("aria-current"));
}

function move(step) {
  const all = rows();
  const at = place();
  const next = at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step));
  all[next]?.focus();
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  o: () => rows()[place()]?.click(),
  r: () => text()?.focus(),
  a: () => press("take"),
  e: () => press("close"),
  "/": () => document.getElementById("words")?.focus(),
  "?": () => dialog()?.showModal(),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, dialog");
  if (event.isComposing) return; // Hangul under way: the key belongs to the syllable
  if (typing) {
    if (event.key === "Escape" && typing === text()) typing.blur();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && typing === text()) {
      typing.form.requestSubmit();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in KEYS)) return;
  event.preventDefault();
  KEYS[event.key]();
});

// Typed and not yet kept: sent on before the text leaves the page, whichever way it leaves.
let unkept = false;
document.addEventListener("input", (event) => { unkept ||= event.target === text(); });
document.addEventListener("submit", (event) => {
  if (event.target.contains(text())) unkept = false;
  else keep();
});
addEventListener("pagehide", keep);

function keep() {
  const form = text()?.form;
  if (!unkept || !form) return;
  unkept = false;
  const body = new URLSearchParams(new FormData(form));
  fetch(form.dataset.draft, { method: "POST", body, keepalive: true, headers: { "HX-Request": "true" } });
}

document.addEventListener("htmx:beforeRequest", (event) => {
  const from = event.detail.elt;
  if (from.id === "rows" && document.hidden) event.preventDefault();
  if (from.classList.contains("row")) keep();
});

// After a conversation was put in place: the keys go on from its row, a reader begins at its title.
document.addEventListener("htmx:afterSettle", (event) => {
  const from = event.detail.requestConfig?.elt;
  if (from === text()) unkept = false;
  if (!from?.classList.contains("row")) return;
  const row = document.getElementById(from.id);
  if (row?.offsetParent) row.focus();
  else document.getElementById("case-title")?.focus();
  toNewest();
});

function toNewest() {
  const turns = document.querySelector(".turns");
  if (turns && !location.hash) turns.scrollTop = turns.scrollHeight;
}
toNewest();

// A session that ended, or no desk to be reached: say so, and leave what was typed alone.
document.addEventListener("htmx:responseError", (event) => told(event.detail.xhr.status));
document.addEventListener("htmx:sendError", () => told(0));
document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) calm(); });

function told(status) {
  const box = document.getElementById("trouble");
  box.dataset.shown = status === 401 || status === 403 ? "401" : "0";
  box.hidden = false;
  if (status === 403) freshTokens();
}

function calm() {
  const box = document.getElementById("trouble");
  if (!box.hidden && box.dataset.shown === "401") freshTokens();
  box.hidden = true;
}

// A new sign-in in another tab makes the forms' tokens old; take those of the page as it is now.
async function freshTokens() {
  const answer = await fetch(location.href);
  if (answer.redirected || !answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector("[name=csrfmiddlewaretoken]")?.value;
  if (!token) return;
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
}
