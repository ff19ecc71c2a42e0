// Signs acts: every form with data-act asks the server for a draft, shows what would be signed, signs it with
// the key that the passphrase opens or with a passkey, and sends the signature. An opened key lives in this
// page's memory only; a passkey asks its person for each signature.

import { b64, openKey, sha256, signDer, WrongPassphrase } from "./keys.js";
import { bytesToSign } from "./draft.js";
import { signWithPasskey, worksHere } from "./passkey.js";
import { setDigest } from "./digest_text.js";

const API = "/api/v1";
const PREFERRED = "unbroken.key"; // which of several keys signs in this browser
const SAID = "unbroken.said"; // what the next page says first
// A key that can sign is {keyid, sign}; sign(message) gives the members of the signature that the server takes.
let opened = null; // the key under a passphrase, until the page is left

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
  const usable = me.keys.filter((key) => key.state === "registered" && canSign(key));
  return usable.sort((one, other) => one.requested.localeCompare(other.requested));
}

// Tell whether a browser can sign with this key at all, here or at another address.
export function canSign(key) {
  return Boolean(key?.wrapped || key?.passkey);
}

// Say why a passkey cannot sign on this page, and where it can.
export function refuseElsewhere(key) {
  if (!key.passkey || worksHere(key.passkey)) return;
  const { rp } = key.passkey;
  const port = location.port && rp === "localhost" ? `:${location.port}` : "";
  const detail = `Your passkey works at ${rp} only, and this page is open at ${location.hostname}. Open ${location.protocol}//${rp}${port}${location.pathname} and log on there.`;
  throw new Refused({ detail, code: "elsewhere" });
}

export function preferKey(keyid) {
  localStorage.setItem(PREFERRED, keyid);
}

// The key that signs here: the one chosen under "My keys", else the newest that can sign at this address.
export async function keyToSign() {
  const keys = await myKeys();
  if (!keys.length) {
    const detail = "You have no enrolled key that this browser can sign with. Add a passkey or make a key under 'My keys', or sign with the command-line client.";
    throw new Refused({ detail, code: "no_key" });
  }
  const here = keys.filter((key) => !key.passkey || worksHere(key.passkey));
  if (!here.length) refuseElsewhere(keys[keys.length - 1]);
  const wanted = localStorage.getItem(PREFERRED);
  return here.find((key) => key.keyid === wanted) || here[here.length - 1];
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

// The key that a draft was prepared for, if it can sign here.
export async function keyOfDraft(draft) {
  const me = await call("GET", "/me/");
  const mine = me.keys.find((key) => key.keyid === draft.keyid);
  if (!canSign(mine)) throw new Refused({ detail: "This was prepared for a key that this browser cannot open." });
  refuseElsewhere(mine);
  return mine;
}

export async function signDraft(draft, act, params, key) {
  const made = await key.sign(await bytesToSign(draft, act, params));
  return call("POST", `/drafts/${draft.id}/sign/`, { keyid: key.keyid, ...made });
}

async function unlock(passphrase, keyFile) {
  const key = await openKey(keyFile, passphrase);
  const sign = async (message) => ({ signature: b64(await signDer(key, message)) });
  opened = { keyid: keyFile.keyid, sign };
  return opened;
}

// A passkey, which is asked anew for everything it signs; `message`, if given, at once, until `signal` says stop.
async function askPasskey(key, message, signal) {
  let held = message && { over: b64(await sha256(message)), made: await signWithPasskey(key.passkey, message, signal) };
  const sign = async (wanted) => {
    const over = b64(await sha256(wanted));
    if (held?.over !== over) held = { over, made: await signWithPasskey(key.passkey, wanted) };
    return held.made;
  };
  return { keyid: key.keyid, sign };
}

// ---- the dialog: what is signed, and the passphrase or the passkey ----

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

// Ask for the passphrase, or the passkey, with the summary in view; resolves to a key that can sign, or null when
// cancelled. `key` is the key as /me/ lists it; its wrapped half is opened here and nowhere else. `message`, the
// checked bytes of the draft, lets a passkey answer while the dialog is open; `records` says how often it asks.
export function askToSign(draft, key, message = null, records = 1) {
  const box = dialog();
  const form = box.querySelector("form");
  const input = form.elements.passphrase;
  const error = box.querySelector("[data-error]");
  showSummary(draft);
  error.textContent = "";
  input.value = "";
  const known = opened !== null && opened.keyid === key.keyid;
  const needsPassphrase = !known && !key.passkey;
  for (const place of box.querySelectorAll("[data-key]")) place.textContent = key.label ? `(${key.label})` : "";
  box.querySelector("[data-passphrase]").hidden = !needsPassphrase;
  box.querySelector("[data-passkey]").hidden = !key.passkey;
  box.querySelector("[data-passkey-times]").textContent =
    records > 1 ? ` It asks once for each of the ${records} records.` : "";
  input.required = needsPassphrase;
  box.showModal();
  (needsPassphrase ? input : form.querySelector("[type=submit]")).focus();
  return new Promise((resolve) => {
    const asking = new AbortController();
    const finish = (value) => {
      if (asking.signal.aborted) return; // answered after it was cancelled
      asking.abort();
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
      error.textContent = "";
      try {
        if (key.passkey) finish(await askPasskey(key, message, asking.signal));
        else finish(known ? opened : await unlock(input.value, key.wrapped));
      } catch (problem) {
        if (asking.signal.aborted) return;
        error.textContent = problem.message;
        if (problem instanceof WrongPassphrase) input.select();
      } finally {
        button.disabled = false;
        if (key.passkey && !asking.signal.aborted) button.focus();
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
    const message = await bytesToSign(draft, act, params); // what is shown is checked before it is shown
    if (draft.needs.includes("administrator")) return goWait();
    const key = await askToSign(draft, mine, message);
    if (key === null) return null;
    try {
      return await signDraft(draft, act, params, key);
    } catch (error) {
      if (error.code !== "stale" || attempt === 3) throw error;
    }
  }
}

// Others sign first: what was prepared is found on the page of what several sign.
function goWait() {
  sessionStorage.setItem(SAID, "Prepared. It waits for the signature of another administrator, and then for yours.");
  location.assign("/admin/together/");
  return null;
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
