// Steps 11 and 12: opened statements, and what else the reader has at hand: files and another report.

import { b64, same } from "./bytes.mjs";
import { isMap } from "./canonical.mjs";
import { relation } from "./compare.mjs";
import { Malformed } from "./errors.mjs";
import { Audit } from "./findings.mjs";
import { read } from "./reading.mjs";
import { commitment } from "./records.mjs";
import { checkOwnSignature } from "./verify_head.mjs";
import { checkEntries } from "./verify_log.mjs";

// The claim that holds the SHA-256 of a file, in hexadecimal digits.
export const DIGEST_FIELD = "sha256";
// The records that bring a file in. Others state hashes too: a check that found the stored copy altered, its new one.
const BRING_FILES = ["item.intake", "item.quarantine", "copy.make", "derivative.make", "disclosure.package", "report.issued"];

// (11) Each opening is of a claim in the bundle and is what was signed; the other claims are withheld.
export async function checkOpenings(reading, audit, breathe) {
  let done = 0;
  for (const part of reading.parts.openings) {
    await breathe?.(11, done++, reading.parts.openings.length);
    const entry = reading.at.get(part.index);
    const claim = entry?.kind === "record" ? entry.record.claims.get(part.field) : undefined;
    if (!claim) audit.add("opening-unknown", { f: part.field }, part.index);
    else if (!opens(part, claim)) audit.add("opening-mismatch", { f: part.field }, part.index);
  }
  const made = reading.records.reduce((sum, { record }) => sum + record.claims.size, 0);
  const opened = reading.parts.openings.length;
  audit.passed(11, "openings", { n: opened });
  if (made > opened) audit.add("claims-withheld", { w: made - opened, n: made });
}

// (11) Whoever accepts a transfer is the person whom its offer names, where the bundle opens that.
export function checkTakers(reading, keyring, audit) {
  const takers = new Map();
  for (const { index, field, value } of reading.parts.openings) {
    const entry = reading.at.get(index);
    if (entry?.record?.type !== "transfer.offer" || field !== "taker" || !isMap(value)) continue;
    if (Object.hasOwn(value, "person") && typeof value.person === "string") takers.set(b64(entry.leaf), value.person);
  }
  for (const { record, index } of reading.records) {
    const person = keyring.find(record.actor)?.key.person;
    const named = record.refs.map((ref) => takers.get(b64(ref))).find((one) => one !== undefined);
    if (record.type === "transfer.accept" && person && named !== undefined && person !== named) audit.add("taker-not-named", { p: person }, index);
  }
}

function opens(part, claim) {
  try {
    return same(commitment(part), claim);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return false;
  }
}

// (12) Each file given, {name, sha256 (hex)}, has the hash of one opened statement.
export function checkEvidence(files, reading, audit) {
  const known = new Map();
  for (const { field, value, index } of reading.parts.openings) {
    const brings = BRING_FILES.includes(reading.at.get(index)?.record?.type);
    if (brings && field === DIGEST_FIELD && typeof value === "string" && !known.has(value)) known.set(value, index);
  }
  for (const { name, sha256 } of files) {
    if (known.has(sha256)) audit.passed(12, "evidence", { f: name, i: known.get(sha256) });
    else if (known.size) audit.add("evidence-mismatch", { f: name, h: sha256 });
    else audit.add("evidence-not-compared", { f: name });
  }
}

// (12) Another bundle of the log must not contradict this one. Returns both signed notes if it does. The log's own
// signature is enough here: a fork needs no witness to have been fooled.
export async function checkOther(own, bytes, policy, audit) {
  const scratch = new Audit();
  const reading = await read(bytes, scratch);
  const checkpoint = reading && (await checkOwnSignature(reading, policy, scratch));
  if (checkpoint) await checkEntries(reading, checkpoint, scratch);
  if (!checkpoint || scratch.failed()) {
    audit.add("other-not-usable", { reasons: scratch.findings().filter((one) => one.level === "failure") }, null, "other-fails");
    return [];
  }
  const found = relation(own, { reading, checkpoint });
  if (found === "fork") {
    audit.add("fork-proven");
    return [own.reading.parts.checkpoint, reading.parts.checkpoint];
  }
  if (found === "unknown") audit.add("other-not-compared");
  else audit.passed(12, "other");
  return [];
}
