// Verify a report or a bundle offline, in the order that docs/proof-format.md prescribes (section 7). Works on
// bytes; any failure, in any step, is NOT VERIFIED; all steps that still can be run are run.
//
//  step  0  input: one bundle, its seal if it is a PDF, the policy        verify.mjs, seal.mjs, pdf.mjs
//        1  strict reading                                                reading.mjs
//        2  checkpoint, witnesses                                         verify_head.mjs
//     3..5  entries, map head, completeness                               verify_log.mjs
//     6..9  keys, signatures and roles, items, heads that were seen       verify_records.mjs
//       10  outside time stamps                                           verify_times.mjs
//   11, 12  opened statements, files and other reports, receipt           verify_statements.mjs, receipt.mjs

import { Found } from "./errors.mjs";
import { Audit, STEPS } from "./findings.mjs";
import { embeddedBundle, isPdf } from "./pdf.mjs";
import { formatTime } from "./members.mjs";
import { read } from "./reading.mjs";
import { checkReceipt } from "./receipt.mjs";
import { checkSeal } from "./seal.mjs";
import { makeVerdict, tell } from "./verdict.mjs";
import { checkCheckpoint } from "./verify_head.mjs";
import { checkCompleteness, checkEntries, checkMapHead, checkRepeats, ownPolicy } from "./verify_log.mjs";
import { checkItems, checkKeys, checkSeen, checkSignatures } from "./verify_records.mjs";
import { checkEvidence, checkOpenings, checkOther, checkTakers } from "./verify_statements.mjs";
import { checkSuspects } from "./verify_suspects.mjs";
import { checkTimes } from "./verify_times.mjs";

export const MAX_REPORT = 192 * 1024 * 1024;

// question: {policy, scope ("item <uuid>" or "case <uuid>"), evidence: [{name, sha256}], other (bytes of a
// report or bundle), receipt (bytes), at (milliseconds since 1970: the moment of reading, which decides only which certificates of
// time stamps have expired), breathe (step, done, of): awaited now and then, so that a page stays alive}.
export async function verifyReport(bytes, question = {}, audit = new Audit()) {
  const { policy = null, breathe } = question;
  // (0) Exactly one bundle; whose seal and which policy.
  const input = await readInput(bytes, policy, question.at, audit);
  if (!input.bundle) {
    audit.notRun(1, STEPS, "no-bundle");
    return makeVerdict(audit, input);
  }
  // (1) Strict reading.
  const reading = await read(input.bundle, audit, breathe);
  if (!reading) {
    audit.notRun(2, STEPS, "not-read");
    return makeVerdict(audit, input);
  }
  return prove(bytes, reading, { ...question, policy }, audit, input);
}

// The bundle itself, or the one in a PDF, whose seal is not looked at. Throws Found.
export const bundleOf = (bytes) => (isPdf(bytes) ? embeddedBundle(bytes) : bytes);

async function readInput(bytes, policy, at, audit) {
  if (!policy) audit.add("policy-not-pinned");
  else if (!policy.genesis) audit.add("policy-not-pinned", {}, null, "genesis-not-pinned");
  if (!isPdf(bytes)) {
    audit.passed(0, "bundle");
    return { bundle: bytes };
  }
  const revision0 = await checkSealOf(bytes, policy, at, audit);
  try {
    const bundle = embeddedBundle(bytes);
    audit.passed(0, "report");
    return { bundle, revision0 };
  } catch (error) {
    if (!(error instanceof Found)) throw error;
    audit.add(error.code, error.params);
    return { revision0 };
  }
}

async function checkSealOf(bytes, policy, at, audit) {
  try {
    const { name, pinned, revision0, stamp } = await checkSeal(bytes, policy ? policy.seals : []);
    if (!pinned) audit.add("seal-not-pinned", { c: name });
    audit.passed(0, "seal", { c: name });
    if (stamp) tellStamp(stamp, policy ? policy.stampers : [], at, audit);
    return revision0;
  } catch (error) {
    if (!(error instanceof Found)) throw error;
    audit.add(error.code, error.params);
    return null;
  }
}

function tellStamp({ authority, latest, expires, pin }, pins, at, audit) {
  const params = { a: authority, t: formatTime(latest), e: formatTime(expires).slice(0, 10) };
  if (!pins.includes(pin)) audit.add("seal-stamp-not-counted", params, null, "seal-stamp-not-pinned");
  else if (at > expires) audit.add("seal-stamp-not-counted", params);
  else audit.passed(0, "seal-stamped", params);
}

async function prove(bytes, reading, question, audit, input) {
  const { breathe } = question;
  // (2) The head of the log, under the pinned policy or the log's own.
  const policy = question.policy || (await ownPolicy(reading, audit));
  const checkpoint = policy && (await checkCheckpoint(reading, policy, audit));
  if (!checkpoint) {
    audit.notRun(3, STEPS, "no-head");
    return makeVerdict(audit, input);
  }
  // (3) Every entry under it, none a copy of another.
  checkRepeats(reading, audit);
  await checkEntries(reading, checkpoint, audit, breathe);
  // (4), (5) Its map, and that nothing is left out.
  const mapRoot = await checkMapHead(reading, checkpoint, policy, audit);
  if (!mapRoot) audit.notRun(5, 6, "no-map");
  const coverage = mapRoot ? checkCompleteness(reading, mapRoot, question.scope, audit) : { wanted: [], complete: new Map() };
  // (6), (7) The keys, and what was signed with them.
  const keyring = checkKeys(reading, policy.genesis, coverage, audit);
  await checkSignatures(reading, keyring, question.policy?.sites ?? [], audit, breathe);
  // (8) The items.
  checkItems(reading, keyring, coverage, audit);
  // (9) The heads that were seen.
  checkSeen(reading, checkpoint, audit);
  // (10) Times.
  const windows = await checkTimes(reading, checkpoint, policy.stampers, question.at, audit, breathe);
  // (6) again: what was signed with keys that may have been in other hands.
  checkSuspects(reading, keyring, windows, audit);
  // (11) Statements.
  checkTakers(reading, keyring, audit);
  await checkOpenings(reading, audit, breathe);
  // (12) What else is at hand.
  checkEvidence(question.evidence || [], reading, audit);
  let fork = [];
  if (question.other && audit.failed(2, 3)) audit.add("other-not-compared", {}, null, "this-fails");
  else if (question.other) fork = await checkOther({ reading, checkpoint }, question.other, policy, audit);
  if (question.receipt) await checkReceipt(question.receipt, bytes, { checkpoint, policy, keyring }, audit);
  if (!audit.mentions(12)) audit.passed(12, "nothing-else");
  const facts = { origin: checkpoint.origin, size: String(checkpoint.size), wanted: coverage.wanted };
  return makeVerdict(audit, { ...input, events: tell(reading, keyring, windows), fork, facts });
}
