// Enrols a key in three steps: this page prepares the record, the holder proves possession on theirs, and then
// the administrator signs here. While the proof is missing the page looks for it.

import { bytesToSign, recordOf } from "./draft.js";
import { askToSign, call, keyOfDraft, keyToSign, Refused, showProblem, signDraft } from "./sign.js";

const LOOK_EVERY = 3000;
const box = document.querySelector("[data-enrol]");

async function prepare() {
  const mine = await keyToSign();
  await call("POST", "/drafts/", { act: "key.register", params: { key: box.dataset.enrol }, keyid: mine.keyid });
  location.reload();
}

async function findDraft() {
  const drafts = await call("GET", "/drafts/");
  return drafts.find((draft) => draft.id === box.dataset.draft);
}

// The record must enrol the key on this page, for the person and the role on this page.
function check(draft) {
  const { key } = recordOf(draft);
  const holder = draft.openings.find((opening) => opening.field === "holder")?.value;
  const { enrol, holder: person, role } = box.dataset;
  const same = key.keyid === enrol && key.person === person && key.roles.join() === role && holder?.person === person;
  if (!same) throw new Refused({ detail: "The prepared record is not of this key, person and role. Do not sign it." });
}

async function sign() {
  const draft = await findDraft();
  if (!draft) throw new Refused({ detail: "This enrolment has run out; prepare it anew." });
  check(draft);
  const mine = await keyOfDraft(draft);
  const opened = await askToSign(draft, mine, await bytesToSign(draft, "key.register"));
  if (opened === null) return;
  await signDraft(draft, "key.register", {}, opened);
  location.reload();
}

async function press(button, act) {
  button.disabled = true;
  try {
    await act();
  } catch (problem) {
    showProblem(box, problem);
  } finally {
    button.disabled = false;
  }
}

async function look() {
  try {
    const draft = await findDraft();
    if (!draft || !draft.needs.includes("new_key")) {
      location.reload();
      return;
    }
  } catch (problem) {
    if (problem.code !== "network") {
      showProblem(box, problem);
      return;
    }
  }
  setTimeout(look, LOOK_EVERY);
}

box?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-prepare], [data-sign]");
  if (button) press(button, button.dataset.prepare === undefined ? sign : prepare);
});
for (const button of box?.querySelectorAll("[data-needs-script]") || []) button.disabled = false;
if (box?.dataset.draft && box.dataset.proved === "no") setTimeout(look, LOOK_EVERY);
