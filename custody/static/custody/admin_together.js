// Signs what several administrators sign: another's record, which then waits for its author, or one's own, last.

import { bytesToSign } from "./draft.js";
import { askToSign, call, canSign, keyToSign, Refused, refuseElsewhere, showProblem, signDraft } from "./sign.js";

async function keyFor(draft, finishing) {
  if (!finishing) return keyToSign();
  const me = await call("GET", "/me/");
  const mine = me.keys.find((key) => key.keyid === draft.keyid);
  if (!canSign(mine)) throw new Refused({ detail: "This was prepared for a key that this browser cannot open." });
  refuseElsewhere(mine);
  return mine;
}

// What the page says of the key must be what the bytes say: the person reads it here and compares it.
function check(draft, box) {
  const record = JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(draft.payload), (c) => c.charCodeAt(0))));
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
  const key = await keyFor(draft, finishing);
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
