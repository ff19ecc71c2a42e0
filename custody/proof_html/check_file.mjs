// What both doors, the page and the command line, do before a verification: read the policy, find the bundle of
// another report. Every trouble becomes a finding, never a thrown error.

import { fromUtf8 } from "./bytes.mjs";
import { Found, Malformed } from "./errors.mjs";
import { Audit, STEPS } from "./findings.mjs";
import { MAX_POLICY, parsePolicy } from "./policy.mjs";
import { MAX_RECEIPT } from "./receipt.mjs";
import { makeVerdict } from "./verdict.mjs";
import { MAX_REPORT, bundleOf, verifyReport } from "./verify.mjs";

// given: {name, bytes (null: unreadable), policy: {name, bytes} or null, scope, evidence: [{name, sha256 (null:
// unreadable)}], other: {name, bytes} or null, receipt: {name, bytes} or null, at (milliseconds since 1970: the day of reading), breathe}.
export async function checkFile({ name, bytes, policy, scope, evidence = [], other, receipt, at = Date.now(), breathe }) {
  const audit = new Audit();
  let trusted = null;
  try {
    if (!bytes || bytes.length > MAX_REPORT) throw new Found("input-unreadable", { f: name });
    trusted = policy ? readPolicy(policy) : null;
    if (receipt && !(receipt.bytes?.length <= MAX_RECEIPT)) throw new Found("receipt-not-usable", { d: "It cannot be read or is too large." });
  } catch (error) {
    if (!(error instanceof Found)) throw error;
    audit.add(error.code, error.params);
    audit.notRun(1, STEPS, "no-files");
    return makeVerdict(audit);
  }
  for (const file of evidence) if (!file.sha256) audit.add("evidence-unreadable", { f: file.name });
  const question = {
    policy: trusted,
    scope,
    evidence: evidence.filter((file) => file.sha256),
    other: other ? otherBundle(other, audit) : null,
    receipt: receipt?.bytes,
    at,
    breathe,
  };
  return verifyReport(bytes, question, audit);
}

function readPolicy({ name, bytes }) {
  try {
    if (!bytes || bytes.length > MAX_POLICY) throw new Malformed(`It cannot be opened or is larger than ${MAX_POLICY} bytes.`);
    return parsePolicy(fromUtf8(bytes));
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw new Found("policy-unreadable", { f: name, d: error.message });
  }
}

function otherBundle({ bytes }, audit) {
  try {
    if (!bytes || bytes.length > MAX_REPORT) throw new Found("other-not-usable", { d: "It cannot be read or is larger than 192 MiB." });
    return bundleOf(bytes);
  } catch (error) {
    if (!(error instanceof Found)) throw error;
    audit.add("other-not-usable", { d: error.message });
    return null;
  }
}
