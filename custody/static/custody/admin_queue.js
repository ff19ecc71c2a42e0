// The approval queue by keyboard. Going from one transfer to the next only changes what the page shows, so a key
// that was opened once stays open until the page is left: one passphrase for forty transfers.

import "./sign.js";
import { say } from "./admin_page.js";

const PAGE = /^\/admin\/custody\/transfer\//;
let busy = false;

async function show(address, text = "") {
  if (busy) return;
  busy = true;
  try {
    const response = await fetch(address);
    // A log-on page or an error is for the browser itself to show.
    if (!response.ok || new URL(response.url).pathname !== new URL(address, location.href).pathname) {
      location.assign(address);
      return;
    }
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const id of ["content", "header"]) document.getElementById(id).replaceWith(page.getElementById(id));
    document.querySelector(".breadcrumbs").replaceWith(page.querySelector(".breadcrumbs"));
    document.querySelector(".messagelist")?.remove();
    document.title = page.title;
    if (new URL(address, location.href).href !== location.href) history.pushState(null, "", address);
    if (text) say(text);
    scrollTo(0, 0);
    document.querySelector("#content h1")?.focus();
  } catch {
    location.assign(address);
  } finally {
    busy = false;
  }
}

document.addEventListener("signed", (event) => {
  const form = event.target;
  if (form.dataset.stay === undefined) return;
  event.preventDefault();
  const exhibit = document.querySelector("#content h1").textContent.split(":")[0];
  show(form.dataset.next, `${form.dataset.word} ${exhibit}, record ${event.detail.entry} of the custody log.`);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || link.origin !== location.origin || !PAGE.test(link.pathname)) return;
  event.preventDefault();
  show(link.href);
});

addEventListener("popstate", () => location.reload());

// ---- keys ----

const KEYS = {
  a: () => document.querySelector("[data-key-approve]")?.click(),
  r: () => {
    const reject = document.querySelector("[data-key-reject]");
    if (!reject) return;
    reject.open = true;
    reject.querySelector("textarea").focus();
  },
  n: () => document.querySelector("[data-next-url]") && show(document.querySelector("[data-next-url]").dataset.nextUrl),
  p: () => document.querySelector("[data-previous]")?.click(),
  q: () => document.querySelector("[data-queue-url]") && show(document.querySelector("[data-queue-url]").dataset.queueUrl),
  Enter: () => document.querySelector("[data-key-open]")?.click(),
};

function isTyping(element) {
  return element.closest?.("input, textarea, select, button, a, summary, dialog") !== null;
}

document.addEventListener("keydown", (event) => {
  const other = event.ctrlKey || event.metaKey || event.altKey || event.repeat;
  // While an act is under way, what is typed is meant for the dialog that is about to open.
  if (other || busy || document.querySelector("dialog[open], [data-stay] button:disabled")) return;
  if (event.key === "Enter" ? isTyping(event.target) : event.target.matches("input, textarea, select")) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
