// The page "My signing keys": adds a passkey or makes a key in this browser and keeps its file, proves possession
// for an enrolment.

import { bytesToSign, recordOf } from "./draft.js";
import { makeKey, openKey } from "./keys.js";
import { hasPasskeys, makePasskey, worksHere } from "./passkey.js";
import { askToSign, call, canSign, hideProblem, keyToSign, preferKey, Refused, refuseElsewhere, showProblem, signDraft } from "./sign.js";
import { save, whisper } from "./page.js";

const WORDS = ["too short", "weak", "fair: add words", "good", "strong"];

// A hint, not a judge: length and variety of what was typed. Nothing leaves this function.
function strength(text) {
  if (text.length < 12) return 0;
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(text)).length;
  const words = text.split(/[\s._-]+/).filter((word) => word.length > 2).length;
  const variety = new Set(text).size;
  if (variety < 6) return 1;
  const points = text.length / 6 + kinds / 2 + words / 2 + variety / 8;
  return Math.max(1, Math.min(4, Math.floor(points - 2)));
}

const form = document.getElementById("make-key");
const { passphrase, again } = form.elements;

passphrase.addEventListener("input", () => {
  const found = strength(passphrase.value);
  form.querySelector("[data-strength]").value = found;
  form.querySelector("[data-strength-words]").textContent = passphrase.value ? WORDS[found] : "";
});
again.addEventListener("input", () => again.classList.toggle("is-invalid", again.value !== passphrase.value));

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (again.value !== passphrase.value) {
    again.classList.add("is-invalid");
    again.focus();
    return;
  }
  const button = form.querySelector("[type=submit]");
  const progress = form.querySelector("[data-progress]");
  button.disabled = true;
  try {
    progress.textContent = "Making and locking the key…";
    const file = await makeKey(passphrase.value);
    await openKey(file, passphrase.value); // a key that cannot be opened again must not be handed in
    await call("POST", "/keys/", { keyid: file.keyid, spki: file.spki, label: form.elements.label.value, wrapped: file });
    save(JSON.stringify(file, null, 1), `unbroken-${file.keyid.slice(0, 8)}.key.json`, "application/json");
    progress.textContent = "Made. Your browser keeps a backup of the key file among the downloads.";
    setTimeout(() => location.assign("/keys/"), 1200);
  } catch (problem) {
    progress.textContent = "";
    showProblem(form, problem);
    button.disabled = false;
  }
});

// ---- a passkey ----

const adding = document.getElementById("add-passkey");

if (adding && !hasPasskeys()) {
  adding.hidden = true;
  document.getElementById("no-passkeys").hidden = false;
}
adding?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = adding.querySelector("[type=submit]");
  const progress = adding.querySelector("[data-progress]");
  button.disabled = true;
  hideProblem(adding);
  try {
    const options = await call("POST", "/keys/passkeys/options/", {});
    progress.textContent = "Follow what your browser or device asks.";
    const made = await makePasskey(options);
    progress.textContent = "Handing it in…";
    await call("POST", "/keys/passkeys/", { label: adding.elements.label.value, ...made });
    location.assign("/keys/");
  } catch (problem) {
    progress.textContent = "";
    showProblem(adding, problem);
    button.disabled = false;
  }
});

// ---- which of several keys signs here ----

function markChosen(keyid) {
  for (const button of document.querySelectorAll("[data-use-key]")) {
    const { rp, useKey } = button.dataset;
    const elsewhere = rp && !worksHere({ rp });
    const isChosen = useKey === keyid;
    button.disabled = isChosen || Boolean(elsewhere);
    const choice = isChosen ? "Signs in this browser" : "Sign with this one in this browser";
    button.textContent = elsewhere ? `Signs at ${rp} only` : choice;
  }
}

if (document.querySelector("[data-use-key]")) {
  // Where none of the keys can sign at this address, none is marked; signing itself says why.
  const chosen = await keyToSign().catch(() => null);
  markChosen(chosen?.keyid);
}

// ---- proof of possession ----

async function prove(button) {
  const { prove: id, keyid } = button.dataset;
  const drafts = await call("GET", "/drafts/");
  const draft = drafts.find((one) => one.id === id && one.second_keyid === keyid && one.needs.includes("new_key"));
  if (!draft) throw new Refused({ detail: "This enrolment has run out or was finished. Ask the administrator to prepare it again." });
  const me = await call("GET", "/me/");
  const key = me.keys.find((one) => one.keyid === keyid);
  if (!canSign(key)) throw new Refused({ detail: "This key is in a key file or a card outside the system; prove possession with the command-line client." });
  refuseElsewhere(key);
  checkOwn(draft, key, me);
  const opened = await askToSign(draft, key, await bytesToSign(draft, "key.register"));
  if (opened === null) return;
  await signDraft(draft, "key.register", {}, opened);
  location.reload();
}

// The present key says that the change to the new one is its holder's own.
async function confirm(button) {
  const { confirm: id, keyid } = button.dataset;
  const me = await call("GET", "/me/");
  const drafts = await call("GET", "/drafts/");
  const draft = drafts.find((one) => one.id === id && one.second_keyid === keyid);
  if (!draft) throw new Refused({ detail: "This enrolment has run out or was finished. Nothing more is needed from you." });
  checkOwn(draft, me.keys.find((one) => one.keyid === keyid), me);
  const opened = await askToSign(draft, await keyToSign(), await bytesToSign(draft, "key.register"));
  if (opened === null) return;
  await signDraft(draft, "key.register", {}, opened);
  location.reload();
}

// The record must register this very key, for me and my role; nothing else is proved here.
function checkOwn(draft, key, me) {
  const record = recordOf(draft);
  const same = record.key.keyid === key.keyid && record.key.spki === key.spki && record.key.person === me.person;
  if (!same || record.key.roles.join() !== me.role) {
    throw new Refused({ detail: "This enrolment is not of your key in your role. Do not sign it; tell the administrator." });
  }
}

document.addEventListener("click", async (event) => {
  const prover = event.target.closest("[data-prove], [data-confirm]");
  const chooser = event.target.closest("[data-use-key]");
  if (chooser) {
    preferKey(chooser.dataset.useKey);
    markChosen(chooser.dataset.useKey);
    whisper("This browser signs with that key from now on.");
  }
  if (!prover) return;
  prover.disabled = true;
  try {
    await (prover.dataset.prove ? prove : confirm)(prover);
  } catch (problem) {
    const place = prover.closest("section").querySelector("[data-problem]");
    place.textContent = problem.message;
    place.hidden = false;
    place.focus();
  } finally {
    prover.disabled = false;
  }
});
