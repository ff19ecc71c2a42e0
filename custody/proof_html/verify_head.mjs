// Step 2: the signed head of the log. Who signed it: the log, its post-quantum key, the witnesses; are they enough?

import { BadSignature, Malformed } from "./errors.mjs";
import { formatTime } from "./members.mjs";
import { parseCheckpoint, parseNote } from "./note.mjs";
import { signedBy } from "./note_keys.mjs";
import { cosignatures, isReached } from "./policy.mjs";

export const logKeys = (policy, origin) => policy.logs.filter((key) => key.name === origin);

// (2) Three lines, a known origin, every signature of a known key, and the quorum of witnesses.
export async function checkCheckpoint(reading, policy, audit) {
  const head = await checkOwnSignature(reading, policy, audit);
  if (head && logKeys(policy, head.origin).length) await checkWitnesses(parseNote(reading.parts.checkpoint), head, policy, audit);
  return head;
}

// What the log itself has signed, whoever else has: enough to hold the log to its word.
export async function checkOwnSignature(reading, policy, audit) {
  let note;
  let head;
  try {
    note = parseNote(reading.parts.checkpoint);
    head = parseCheckpoint(note.text);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    audit.add("checkpoint-malformed", { d: error.message });
    return null;
  }
  const keys = logKeys(policy, head.origin);
  if (!keys.length) {
    audit.add("checkpoint-origin", { o: head.origin });
    return head;
  }
  try {
    if (!(await signedBy(note, keys)).length) throw new BadSignature("No known key signed the note.");
  } catch (error) {
    if (!(error instanceof BadSignature)) throw error;
    audit.add("checkpoint-signature", { d: error.message });
  }
  audit.passed(2, "checkpoint", { o: head.origin, n: head.size });
  return head;
}

async function checkWitnesses(note, { origin }, policy, audit) {
  let times;
  try {
    times = await cosignatures(note, origin, policy);
  } catch (error) {
    if (!(error instanceof BadSignature)) throw error;
    audit.add("witness-signature", { d: error.message });
    return;
  }
  const reached = isReached(policy, times.keys());
  if (!reached) {
    const missing = policy.witnesses.filter((one) => !times.has(one.name)).map((one) => one.name);
    audit.add("witness-quorum", { q: policy.quorum, w: missing.join(", ") });
  }
  const own = policy.witnesses.filter((one) => one.key.name === origin);
  if (!own.length) audit.add("no-post-quantum-key");
  else if (own.some((one) => times.has(one.name))) audit.passed(2, "post-quantum");
  else audit.add("post-quantum-missing");
  const outside = policy.witnesses.filter((one) => one.key.name !== origin);
  const cosigned = outside.filter((one) => times.has(one.name));
  for (const { name, key } of cosigned) audit.passed(2, "witness", { w: name, k: key.name, t: moment(times.get(name)) });
  if (!outside.length) audit.add("no-witness");
  else if (!cosigned.length && reached) audit.add("witnesses-silent");
  else if (cosigned.length && policy.quorum !== "none") audit.passed(2, "witnesses");
}

function moment(seconds) {
  return seconds < 253_402_300_800n ? formatTime(Number(seconds) * 1000) : `1970 + ${seconds} s`;
}
