// What every page does in the browser: copy digests, keep receipts, name time offsets, add form rows. Signing
// is sign.js, loaded from here; nothing that needs it can be pressed before it is there.

import { takeSaid, withOffset } from "./sign.js";
import "./idle.js";

const RECEIPT_TRIES = 40;
const RECEIPT_PAUSE = 3000;

export function whisper(text) {
  document.getElementById("whisper").textContent = text;
}

export function say(text) {
  const line = document.createElement("p");
  line.className = "said said-success";
  line.textContent = text;
  document.getElementById("said").append(line);
}

// Buttons that do nothing without scripts come disabled; here they wake up.
function wake(root) {
  for (const button of root.querySelectorAll("[data-needs-script]")) {
    button.disabled = false;
    button.removeAttribute("data-needs-script");
  }
}

// ---- copying ----

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    whisper("Copied.");
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 1500);
  } catch {
    whisper("The browser does not allow copying; select the text instead.");
  }
}

// ---- receipts ----

export function save(text, filename, type = "text/plain") {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = filename;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

async function receiptOf(address) {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(address);
    if (response.ok) return response.text();
    if (response.status !== 409 || attempt === RECEIPT_TRIES) throw new Error("The receipt could not be fetched.");
    whisper("The receipt is not published yet; waiting.");
    await new Promise((resolve) => setTimeout(resolve, RECEIPT_PAUSE));
  }
}

async function keepReceipt(link) {
  const words = link.textContent;
  link.textContent = "waiting for the checkpoint…";
  try {
    save(await receiptOf(link.href), `receipt-${link.dataset.receipt}.txt`);
    whisper("The receipt was saved.");
  } catch (error) {
    whisper(error.message);
  } finally {
    link.textContent = words;
  }
}

// ---- time offsets ----

function nameOffset(input) {
  const place = input.form?.querySelector(`[data-offset-of="${CSS.escape(input.name)}"]`);
  if (place) place.textContent = input.value ? `On this computer's clock: ${withOffset(input.value)}` : "By this computer's time zone.";
}

// ---- rows that are added and removed ----

function addRow(button) {
  const group = button.closest("fieldset");
  const rows = group.querySelector("[data-rows]");
  rows.append(group.querySelector("template[data-row]").content.cloneNode(true));
  wake(rows);
  rows.lastElementChild.querySelector("select, input").focus();
}

function removeRow(button) {
  const row = button.closest("[role=group]");
  const rows = row.parentElement;
  if (rows.children.length > 1) row.remove();
  else row.querySelector("input").value = "";
  rows.querySelector("input").focus();
}

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-copy], [data-receipt], [data-add-row], [data-remove-row]");
  if (!target) return;
  if (target.dataset.copy !== undefined) copy(target);
  else if (target.dataset.receipt !== undefined) {
    event.preventDefault();
    keepReceipt(target);
  } else if (target.dataset.addRow !== undefined) addRow(target);
  else removeRow(target);
});
document.addEventListener("input", (event) => {
  if (event.target.type === "datetime-local") nameOffset(event.target);
});
document.addEventListener("htmx:afterSettle", () => wake(document));
// A closed menu should not stay open over the page.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.who[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

wake(document);
for (const input of document.querySelectorAll("input[type=datetime-local]")) nameOffset(input);
const said = takeSaid();
if (said) say(said);
