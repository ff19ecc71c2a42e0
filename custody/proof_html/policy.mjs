// A policy: what a reader trusts before reading anything. A C2SP tlog-policy file with pins in comment lines.

import { unb64Hash, utf8 } from "./bytes.mjs";
import { PolicyError, require } from "./errors.mjs";
import { parseVkey } from "./note.mjs";

export const MAX_POLICY = 16 * 1024;
const CONTROL = /[\0-\x08\x0b-\x1f]/;
const SHA256_HEX = /^[0-9a-f]{64}$/;

export function parsePolicy(text) {
  require(utf8(text).length <= MAX_POLICY, `A policy is larger than ${MAX_POLICY} bytes.`);
  require(!CONTROL.test(text), "A policy has control characters.");
  const found = { log: [], quorum: [], genesis: [], seal: [] };
  for (const line of text.split("\n")) {
    let words = line.split(/[ \t]+/).filter(Boolean);
    if (!words.length || (words[0].startsWith("#") && words[0] !== "#pin")) continue;
    if (words[0] === "#pin") words = words.slice(1);
    else if (words[0] === "witness" || words[0] === "group") {
      throw new PolicyError("The policy names witnesses, whose signatures this version cannot check.");
    }
    require(words.length && Object.hasOwn(found, words[0]), "A policy has a line of an unknown kind.");
    found[words[0]].push(words.slice(1));
  }
  return policyOf(found);
}

function policyOf(found) {
  require(found.quorum.length === 1 && found.quorum[0].length === 1, "A policy does not have exactly one quorum line.");
  if (found.quorum[0][0] !== "none") {
    throw new PolicyError("The policy asks for witnesses, whose signatures this version cannot check.");
  }
  // The second word of a log line is a URL, of no use offline.
  require(found.log.every(({ length }) => length === 1 || length === 2), "A log line of a policy is not a verifier key and perhaps a URL.");
  const logs = found.log.map((words) => parseVkey(words[0]));
  require(new Set(logs.map((key) => key.public)).size === logs.length, "A policy lists a log key twice.");
  const single = [...found.genesis, ...found.seal].every((words) => words.length === 1);
  require(found.genesis.length <= 1 && single, "A policy has a pin that is doubled or is not one value.");
  const seals = found.seal.map((words) => words[0]);
  require(seals.every((seal) => SHA256_HEX.test(seal)), "A seal pin of a policy is not a SHA-256 in lower-case hexadecimal digits.");
  return { logs, seals, genesis: found.genesis.length ? unb64Hash(found.genesis[0][0]) : null };
}
