// What the log states about itself for its own records: where passkeys may be used, how many administrators sign an
// enrolment. A policy counts for the records behind it, up to the next; that of genesis for itself too. Where genesis
// does not speak of enrolment, one administrator enrols for ever.

import { Malformed, require } from "./errors.mjs";
import { readSite } from "./passkey.mjs";

const FORM = "A policy says something twice or not in its form.";

export const readEnrollers = (value) => {
  require(/^[1-6]$/.test(value), FORM);
  return Number(value);
};

const siteKey = ({ rpId, origin }) => `${rpId} ${origin}`;

// The pins `webauthn` and `enrolment` of a policy, whatever else it says: {sites, enrollers}.
function readStated(policy) {
  const pins = policy.split("\n").map((line) => line.split(/[ \t]+/).filter(Boolean));
  const of = (kind) => pins.filter((words) => words[0] === "#pin" && words[1] === kind).map((words) => words.slice(2));
  const sites = of("webauthn").map((words) => {
    require(words.length === 2, FORM);
    return readSite(...words);
  });
  const counts = of("enrolment").map((words) => readEnrollers(words.join(" ")));
  require(new Set(sites.map(siteKey)).size === sites.length && counts.length < 2, FORM);
  return { sites, enrollers: counts[0] ?? 0 };
}

// Fed with the log's records in ascending order. A reader's own policy may pin sites too; then only those count that
// both name.
export class StatedPolicies {
  constructor(pinned) {
    this.pinned = new Set(pinned.map(siteKey));
    this.stated = { sites: [], enrollers: 0 };
  }

  // What counts for this record.
  at(record) {
    const before = this.now();
    const { enrollers } = before;
    if (record.type !== "genesis" && record.type !== "policy.update") return before;
    try {
      this.stated = readStated(record.extra.policy);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      // No passkey counts under a policy that cannot be read, and no fewer sign than before.
      this.stated = { sites: [], enrollers };
    }
    if (record.type === "genesis") return this.now();
    this.stated.enrollers = enrollers && (this.stated.enrollers || 1);
    return before;
  }

  now() {
    const { sites, enrollers } = this.stated;
    return { sites: sites.filter((site) => !this.pinned.size || this.pinned.has(siteKey(site))), enrollers };
  }
}
