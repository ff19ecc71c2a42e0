// Signs what several administrators sign: another's record, which then waits for its author, or one's own, last.

import { bytesToSign, recordOf } from "./draft.js";
import { askToSign, call, keyOfDraft, keyToSign, Refused, showProblem, signDraft } from "./sign.js";

// What the page says of the key must be what the bytes say: the person reads it here and compares it.
function check(draft, box) {
  const record = recordOf(draft);
  if (draft.act !== "key.register") return;
  const shown = [...box.querySelectorAll("dd")].some((place) => place.textContent === record.key.keyid);
  const holder = draft.openings.find((opening) => opening.field === "holder")?.value;
  if (!shown || holder?.person !== record.key.person) {
    throw new Refused({ detail: "The record is not of the key and person on this page. Do not sign it." });
  }
}

async function sign(box, finishing) {
  const drafts = await call("GET", "/drafts/");
  const draft = drafts.find((one) => one.id === box.dataset.together);
  if (!draft) throw new Refused({ detail: "This has run out or was finished meanwhile. Load the page again." });
  check(draft, box);
  const key = await (finishing ? keyOfDraft(draft) : keyToSign());
  const opened = await askToSign(draft, key, await bytesToSign(draft, draft.act));
  if (opened === null) return;
  await signDraft(draft, draft.act, {}, opened);
  location.reload();
}

for (const box of document.querySelectorAll("[data-together]")) {
  const button = box.querySelector("[data-countersign], [data-finish]");
  if (!button || button.dataset.needsScript === undefined) continue;
  button.disabled = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await sign(box, button.dataset.finish !== undefined);
    } catch (problem) {
      showProblem(box, problem);
    } finally {
      button.disabled = false;
    }
  });
}
