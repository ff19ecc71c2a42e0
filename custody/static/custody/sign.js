// Signs acts: every form with data-act asks the server for a draft, shows what would be signed, signs it with
// the key that the passphrase opens, and sends the signature. An opened key lives in this page's memory only.

import { b64, openKey, signDer, WrongPassphrase } from "./keys.js";
import { bytesToSign } from "./draft.js";
import { setDigest } from "./digest_text.js";

const API = "/api/v1";
const PREFERRED = "unbroken.key"; // which of several keys signs in this browser
const SAID = "unbroken.said"; // what the next page says first
let opened = null; // {keyid, key}: until the page is left

export class Refused extends Error {
  constructor(problem) {
    super(problem.detail || problem.title || "The server refused this.");
    this.code = problem.code;
    this.fields = problem.errors || {};
  }
}

function csrf() {
  return document.querySelector("meta[name=csrf-token]")?.content || "";
}

export async function call(method, path, body) {
  let response;
  try {
    response = await fetch(`${API}${path}`, {
      method,
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrf() },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Refused({ detail: "The server cannot be reached. Nothing was done; try again.", code: "network" });
  }
  if (response.status === 204) return null;
  const isJson = (response.headers.get("Content-Type") || "").includes("json");
  const answer = isJson ? await response.json() : { detail: await response.text() };
  if (response.status === 401) {
    throw new Refused({ detail: "Your session has ended. Log on again in another tab, then repeat this here.", code: "session" });
  }
  if (!response.ok) throw new Refused(answer);
  return answer;
}

export async function myKeys() {
  const me = await call("GET", "/me/");
  const usable = me.keys.filter((key) => key.state === "registered" && key.wrapped);
  return usable.sort((one, other) => one.requested.localeCompare(other.requested));
}

export function preferKey(keyid) {
  localStorage.setItem(PREFERRED, keyid);
}

// The key that signs here: the one chosen under "My keys", else the newest.
export async function keyToSign() {
  const keys = await myKeys();
  if (!keys.length) {
    const detail = "You have no enrolled key that this browser can open. Make one under 'My keys', or sign with the command-line client.";
    throw new Refused({ detail, code: "no_key" });
  }
  const wanted = localStorage.getItem(PREFERRED);
  return keys.find((key) => key.keyid === wanted) || keys[keys.length - 1];
}

// Prepare, check and sign one act with an opened key; prepares anew when somebody else acted meanwhile.
// `look` sees each draft before it is signed and throws what it does not like.
export async function signAct(act, params, key, look = () => {}) {
  for (let attempt = 1; ; attempt++) {
    const draft = await call("POST", "/drafts/", { act, params, keyid: key.keyid });
    look(draft);
    try {
      return await signDraft(draft, act, params, key);
    } catch (error) {
      if (error.code !== "stale" || attempt === 3) throw error;
    }
  }
}

export async function signDraft(draft, act, params, key) {
  const signature = await signDer(key.key, await bytesToSign(draft, act, params));
  return call("POST", `/drafts/${draft.id}/sign/`, { keyid: key.keyid, signature: b64(signature) });
}

async function unlock(passphrase, keyFile) {
  opened = { keyid: keyFile.keyid, key: await openKey(keyFile, passphrase) };
  return opened;
}

// ---- the dialog: what is signed, and the passphrase ----

const dialog = () => document.getElementById("sign-dialog");

function showLines(list, lines) {
  list.replaceChildren();
  for (const { label, value } of lines) {
    const term = document.createElement("dt");
    term.textContent = label;
    const detail = document.createElement("dd");
    if (/^[0-9a-f]{64}$/.test(value)) {
      detail.className = "hash";
      setDigest(detail, value);
    } else detail.textContent = value;
    list.append(term, detail);
  }
}

function inWords(value) {
  if (Array.isArray(value)) return value.map(inWords).join(", ");
  if (value === null || typeof value !== "object") return String(value);
  return Object.entries(value).map(([name, inner]) => `${name.replaceAll("_", " ")}: ${inWords(inner)}`).join("; ");
}

// The summary is the server's short form; the statements are what the signature commits to, every one.
function showSummary(draft) {
  showLines(dialog().querySelector("[data-summary]"), draft.summary);
  showLines(
    dialog().querySelector("[data-statements]"),
    draft.openings.map(({ field, value }) => ({ label: field.replaceAll("_", " "), value: inWords(value) })),
  );
  const record = dialog().querySelector("[data-record]");
  record.textContent = new TextDecoder().decode(Uint8Array.from(atob(draft.payload), (c) => c.charCodeAt(0)));
}

// Ask for the passphrase with the summary in view; resolves to the opened key, or null when cancelled.
// `key` is the key as /me/ lists it; its wrapped half is opened here and nowhere else.
export function askToSign(draft, key) {
  const box = dialog();
  const form = box.querySelector("form");
  const input = form.elements.passphrase;
  const error = box.querySelector("[data-error]");
  showSummary(draft);
  error.textContent = "";
  input.value = "";
  const known = opened !== null && opened.keyid === key.keyid;
  box.querySelector("[data-key]").textContent = key.label ? `(${key.label})` : "";
  box.querySelector("[data-passphrase]").hidden = known;
  input.required = !known;
  box.showModal();
  (known ? form.querySelector("[type=submit]") : input).focus();
  return new Promise((resolve) => {
    const finish = (value) => {
      form.onsubmit = null;
      box.oncancel = null;
      input.value = "";
      if (box.open) box.close();
      resolve(value);
    };
    box.oncancel = () => finish(null);
    form.querySelector("[data-cancel]").onclick = () => finish(null);
    form.onsubmit = async (event) => {
      event.preventDefault();
      const button = form.querySelector("[type=submit]");
      button.disabled = true;
      try {
        finish(known ? opened : await unlock(input.value, key.wrapped));
      } catch (problem) {
        error.textContent = problem.message;
        if (problem instanceof WrongPassphrase) input.select();
      } finally {
        button.disabled = false;
      }
    };
  });
}

// ---- forms ----

export function paramsOf(form) {
  const params = {};
  for (const element of form.elements) {
    if (!element.name || element.disabled || element.name === "csrfmiddlewaretoken") continue;
    if (element.type === "checkbox") {
      if (element.dataset.many !== undefined) {
        params[element.name] ||= [];
        if (element.checked) params[element.name].push(element.value);
      } else params[element.name] = element.checked;
    } else if (element.type === "datetime-local") params[element.name] = withOffset(element.value);
    else if (element.type !== "submit" && element.type !== "button" && (element.type !== "radio" || element.checked)) {
      params[element.name] = element.value;
    }
  }
  return params;
}

// A wall-clock time becomes one with the browser's offset at that time, which the form shows beside it.
export function withOffset(value) {
  if (!value) return "";
  const minutes = -new Date(value).getTimezoneOffset();
  const pad = (number) => String(Math.floor(Math.abs(number))).padStart(2, "0");
  return `${value.length === 16 ? `${value}:00` : value}${minutes < 0 ? "-" : "+"}${pad(minutes / 60)}:${pad(minutes % 60)}`;
}

// Say what is wrong at the form, and at each field that the server names.
export function showProblem(form, problem) {
  hideProblem(form);
  const place = form.querySelector("[data-problem]");
  const named = Object.entries(problem.fields || {}).filter(([name, message]) => markField(form, name, message));
  if (place) {
    place.textContent = named.length ? "Something is missing or wrong; see the fields below." : problem.message;
    place.hidden = false;
  }
  (form.querySelector(".is-invalid") || place)?.focus?.();
}

export function hideProblem(form) {
  const place = form.querySelector("[data-problem]");
  if (place) place.hidden = true;
  for (const old of form.querySelectorAll(".is-invalid")) {
    old.classList.remove("is-invalid");
    old.removeAttribute("aria-invalid");
  }
  for (const old of form.querySelectorAll("[data-problem-of]")) old.textContent = "";
}

function markField(form, name, message) {
  const group = form.querySelector(`[data-problem-of="${CSS.escape(name)}"]`);
  if (group) group.textContent = message;
  const field = form.elements[name];
  if (!field || !field.classList) return group !== null;
  field.classList.add("is-invalid");
  field.setAttribute("aria-invalid", "true");
  const feedback = field.parentElement.querySelector(".invalid-feedback");
  if (feedback) feedback.textContent = message;
  return true;
}

async function submitted(form) {
  const act = form.dataset.act;
  const params = paramsOf(form);
  const mine = await keyToSign();
  for (let attempt = 1; ; attempt++) {
    const draft = await call("POST", "/drafts/", { act, params, keyid: mine.keyid });
    await bytesToSign(draft, act, params); // what is shown is checked before it is shown
    const key = await askToSign(draft, mine);
    if (key === null) return null;
    try {
      return await signDraft(draft, act, params, key);
    } catch (error) {
      if (error.code !== "stale" || attempt === 3) throw error;
    }
  }
}

// Go to the page after the act, and let it say what was done.
function leave(form, done) {
  const record = done.entry === null ? "" : ` as record ${done.entry} of the custody log`;
  sessionStorage.setItem(SAID, `Signed and recorded${record}.`);
  const next = (form.dataset.next || location.href).replace(/\{(\w+)\}/g, (_, name) => done.result[name] ?? "");
  const target = new URL(next, location.href);
  const here = target.pathname === location.pathname && target.search === location.search;
  location.assign(target);
  if (here) location.reload(); // an address that differs in its fragment only would not be loaded again
}

// What the page before wanted said; once.
export function takeSaid() {
  const text = sessionStorage.getItem(SAID);
  sessionStorage.removeItem(SAID);
  return text;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-act]")) return;
  event.preventDefault();
  const buttons = form.querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  hideProblem(form);
  try {
    const done = await submitted(form);
    if (done === null) return;
    // Whoever stays on the page, and so keeps the opened key, prevents the default.
    if (form.dispatchEvent(new CustomEvent("signed", { bubbles: true, cancelable: true, detail: done }))) leave(form, done);
  } catch (problem) {
    showProblem(form, problem);
  } finally {
    for (const button of buttons) button.disabled = false;
  }
});
