// Everything a verification can find, in which step, and how bad it is. A finding carries no sentence: it names
// one of words_*.mjs and what fills it, so that the same verdict can be read in two languages.

export const STEPS = 13;

const F = "failure";
const R = "remark";
const OK = "ok";

// code -> [step, level]. The order of the steps is normative: docs/proof-format.md, section 7.
export const MEANING = {
  "input-unreadable": [0, F],
  "policy-unreadable": [0, F],
  "policy-not-pinned": [0, R],
  "pdf-bundle-missing": [0, F],
  "pdf-bundle-several": [0, F],
  "pdf-bundle-damaged": [0, F],
  "seal-missing": [0, F],
  "seal-range": [0, F],
  "seal-malformed": [0, F],
  "seal-digest": [0, F],
  "seal-signature": [0, F],
  "seal-certificate": [0, F],
  "seal-not-pinned": [0, R],
  "seal-stamp": [0, F],
  "seal-stamp-not-counted": [0, R],
  "bundle-malformed": [1, F],
  "entry-malformed": [1, F],
  "checkpoint-malformed": [2, F],
  "checkpoint-origin": [2, F],
  "checkpoint-signature": [2, F],
  "checkpoint-policy": [2, F],
  "witness-signature": [2, F],
  "witness-quorum": [2, F],
  "witnesses-silent": [2, R],
  "no-witness": [2, OK],
  "post-quantum-missing": [2, R],
  "no-post-quantum-key": [2, OK],
  "entry-order": [3, F],
  "entry-not-included": [3, F],
  "entry-repeated": [3, F],
  "entry-other-log": [3, F],
  "entry-withheld": [3, R],
  "withheld-without-order": [3, F],
  "map-head-missing": [4, F],
  "map-head-invalid": [4, F],
  "map-head-signature": [4, F],
  "scope-not-stated": [5, R],
  "scope-empty": [5, R],
  "map-proof-missing": [5, F],
  "map-proof-invalid": [5, F],
  "entries-missing": [5, F],
  "item-not-covered": [5, R],
  "genesis-missing": [6, F],
  "genesis-pin": [6, F],
  "key-event-invalid": [6, F],
  "key-history-missing": [6, F],
  "policy-history-missing": [6, F],
  "key-suspect": [6, R],
  "signer-unknown": [7, F],
  "signer-wrong": [7, F],
  "signature-invalid": [7, F],
  "passkey-form": [7, F],
  "passkey-malformed": [7, F],
  "passkey-type": [7, F],
  "passkey-challenge": [7, F],
  "passkey-site": [7, F],
  "passkey-origin": [7, F],
  "passkey-rp": [7, F],
  "passkey-user": [7, F],
  "passkey-backup": [7, F],
  "key-not-valid": [7, F],
  "role-not-allowed": [7, F],
  "chain-broken": [8, F],
  "chain-rule": [8, F],
  "chain-not-followed": [8, R],
  "seen-not-proven": [9, F],
  "seen-fork": [9, F],
  "seen-ahead": [9, F],
  "no-time-stamp": [10, OK],
  "anchor-invalid": [10, F],
  "anchor-fork": [10, F],
  "anchor-not-pinned": [10, R],
  "anchor-expired": [10, R],
  "anchor-renewed": [10, R],
  "time-outside-window": [10, R],
  "time-backwards": [10, R],
  "opening-unknown": [11, F],
  "opening-mismatch": [11, F],
  "taker-not-named": [11, F],
  "claims-withheld": [11, OK],
  "evidence-unreadable": [12, F],
  "evidence-mismatch": [12, F],
  "evidence-not-compared": [12, R],
  "fork-proven": [12, F],
  "receipt-not-usable": [12, F],
  "receipt-mismatch": [12, F],
  "receipt-later-bytes": [12, R],
  "receipt-signer-unknown": [12, R],
  "other-not-usable": [12, R],
  "other-not-compared": [12, R],
};

// Collects every finding of one verification; it never stops at the first.
export class Audit {
  constructor() {
    this.list = [];
  }

  // Note a finding; `words` names its sentence where a code has several.
  add(code, params = {}, index = null, words = code) {
    const [step, level] = MEANING[code];
    this.list.push({ code, step, level, index, words, params });
  }

  // Say that a step found nothing wrong, unless it found something.
  passed(step, words, params = {}) {
    if (!this.failed(step)) this.list.push({ code: "passed", step, level: OK, index: null, words, params });
  }

  // Say that these steps were not run: not checked is not fine.
  notRun(first, end, words) {
    for (let step = first; step < end; step++) {
      this.list.push({ code: "step-not-run", step, level: R, index: null, words, params: {} });
    }
  }

  failed(...steps) {
    return this.list.some((one) => one.level === F && (!steps.length || steps.includes(one.step)));
  }

  mentions(step) {
    return this.list.some((one) => one.step === step);
  }

  // By step, in the order in which they were found within a step.
  findings() {
    return [...this.list].sort((one, other) => one.step - other.step);
  }
}

export function outcomeOf(findings) {
  const levels = new Set(findings.map((one) => one.level));
  if (levels.has(F) || !levels.size) return "not verified";
  return levels.has(R) ? "verified with remarks" : "verified";
}
