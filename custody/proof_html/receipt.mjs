// Step 12, the receipt of a report (report.pdf.tlog-proof): the log records that this very file was issued.

import { fromUtf8, hex, same, unb64, unb64Hash, utf8 } from "./bytes.mjs";
import { loads } from "./canonical.mjs";
import { checkRole } from "./chain.mjs";
import { RECORD, parseEntry, verifySignatures } from "./envelope.mjs";
import { ProofError, require } from "./errors.mjs";
import { array, exactly, hash32, text } from "./members.mjs";
import { leafHash, verifyInclusion } from "./merkle.mjs";
import { characters, parseCheckpoint, parseNote } from "./note.mjs";
import { signedBy } from "./note_keys.mjs";
import { textOf } from "./pdf_objects.mjs";
import { cosignatures, isReached } from "./policy.mjs";
import { commitment, parseRecord } from "./records.mjs";
import { Sha256, sha256 } from "./sha256.mjs";
import { logKeys } from "./verify_head.mjs";

// Which part it is, the Python verifier says.
const FORM = "The receipt is not in its form, or not signed as it must be.";

export const RECEIPT_HEAD = "c2sp.org/tlog-proof@v1";
export const MAX_RECEIPT = 4 * 65_535 + 64 * 45 + 160 * 1024;
// The statements of report.issued that a receipt opens: none of them names anybody.
const FIELDS = ["report", "revision0_sha256", "sha256", "variant"];
const MAX_HASHES = 64;
const MAX_ENTRY = 65_535;
const MAX_REVISIONS = 64;

// (12) The receipt proves that this file is the report that was issued.
export async function checkReceipt(receipt, report, { checkpoint, policy, keyring }, audit) {
  let found;
  let newer;
  let issued;
  try {
    found = parseReceipt(fromUtf8(receipt));
    newer = await acceptedHead(found.checkpoint, policy);
    verifyInclusion(leafHash(utf8(found.entry)), found.index, newer.size, found.proof, newer.root);
    const { envelope, record } = openedRecord(found, newer.origin);
    await checkSigner(envelope, record, Number(found.index), keyring, audit);
    issued = new Map(found.openings.map(({ field, value }) => [field, value]));
    require(issued.has("sha256") && issued.has("revision0_sha256"), FORM);
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    audit.add("receipt-not-usable", { d: error.message });
    return;
  }
  if (newer.origin === checkpoint.origin && newer.size === checkpoint.size && !same(newer.root, checkpoint.root)) {
    audit.add("fork-proven");
    return;
  }
  const index = Number(found.index);
  const params = { i: index, v: issued.get("variant") || "" };
  if (hex(sha256(report)) === issued.get("sha256")) audit.passed(12, "receipt", params);
  else if (revisionsOf(report).includes(issued.get("revision0_sha256"))) audit.add("receipt-later-bytes", params, index);
  else audit.add("receipt-mismatch", params, index);
}

function parseReceipt(source) {
  require(characters(source) <= MAX_RECEIPT, FORM);
  const gap = source.indexOf("\n\n");
  const lines = source.slice(0, gap).split("\n");
  require(gap >= 0 && lines[0] === RECEIPT_HEAD && lines.length >= 3, FORM);
  const [, extraLine, indexLine, ...hashes] = lines;
  const index = /^index (0|[1-9][0-9]{0,15})$/.exec(indexLine);
  require(extraLine.startsWith("extra ") && index, FORM);
  require(hashes.length <= MAX_HASHES, FORM);
  const extra = exactly(loads(unb64(extraLine.slice(6))), ["entry", "openings"]);
  const entry = text(extra.entry);
  require(utf8(entry).length <= MAX_ENTRY, FORM);
  const openings = array(extra.openings).map(opening);
  const fields = openings.map((one) => one.field);
  const closed = fields.every((field) => FIELDS.includes(field)) && new Set(fields).size === fields.length;
  require(closed, FORM);
  return { index: BigInt(index[1]), proof: hashes.map(unb64Hash), checkpoint: source.slice(gap + 2), entry, openings };
}

function opening(value) {
  const parts = exactly(value, ["field", "salt", "value"]);
  return { field: text(parts.field), salt: hash32(parts.salt), value: text(parts.value) };
}

// A signed head that the policy accepts, witnesses included.
async function acceptedHead(source, policy) {
  const note = parseNote(source);
  const head = parseCheckpoint(note.text);
  require((await signedBy(note, logKeys(policy, head.origin))).length, FORM);
  const times = await cosignatures(note, head.origin, policy);
  require(isReached(policy, times.keys()), FORM);
  return head;
}

function openedRecord({ entry, openings }, origin) {
  const envelope = parseEntry(entry);
  require(envelope.type === RECORD, FORM);
  const record = parseRecord(envelope.payload);
  const isIssue = record.type === "report.issued" && record.log === origin;
  require(isIssue, FORM);
  for (const one of openings) {
    const claim = record.claims.get(one.field);
    require(claim && same(claim, commitment(one)), FORM);
  }
  return { envelope, record };
}

// Judge the signature by the keys that the report shows; the log itself vouches for the record's place.
async function checkSigner(envelope, record, index, keyring, audit) {
  const history = keyring.find(record.actor);
  if (!history) {
    audit.add("receipt-signer-unknown", {}, index);
    return;
  }
  const alone = envelope.signatures.length === 1 && envelope.signatures[0].keyid === record.actor;
  require(alone, FORM);
  keyring.checkCounts(history, index);
  checkRole(record.type, history.key.roles);
  await verifySignatures(envelope, () => ({ ...history.key, kind: "service" }));
}

// The SHA-256 of each beginning of the file that is a whole PDF.
function revisionsOf(report) {
  const hash = new Sha256();
  const found = [];
  for (const { 0: mark, index } of textOf(report).matchAll(/%%EOF(?:\r\n|\r|\n)?/g)) {
    if (found.length === MAX_REVISIONS) break;
    hash.update(report.subarray(hash.length, index + mark.length));
    found.push(hex(hash.digest()));
  }
  return found;
}
