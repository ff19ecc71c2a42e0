// What records say about keys: whose is enrolled with which roles, which is revoked or suspected.

import { isMap } from "./canonical.mjs";
import { require } from "./errors.mjs";
import { algorithmOf, keyidOf } from "./keys.mjs";
import { array, data, exactly, flag, hash32, keyid, time, uuid, word } from "./members.mjs";
import { KEY_KINDS, ROLES } from "./vocabulary.mjs";

// Which part it is, the Python verifier says.
const FORM = "A key is not in its form.";

// The member `roots` of genesis.
export function readRoots(value) {
  const roots = array(value).map(readEnrolled);
  const ids = new Set(roots.map((root) => root.keyid));
  require(roots.length && ids.size === roots.length, FORM);
  return roots;
}

// The member `key` of key.register.
export function readEnrolled(value) {
  const facts = isMap(value) && value.kind === "webauthn" ? ["passkey"] : [];
  const parts = exactly(value, ["keyid", "spki", "alg", "person", "roles", "kind", ...facts]);
  const spki = data(parts.spki);
  const key = {
    keyid: keyid(parts.keyid),
    spki,
    alg: word(parts.alg, ["ES256", "Ed25519", "RS256"]),
    person: uuid(parts.person),
    roles: array(parts.roles).map((role) => word(role, ROLES)),
    kind: word(parts.kind, KEY_KINDS),
    passkey: facts.length ? readPasskey(parts.passkey) : null,
  };
  const right = keyidOf(spki) === key.keyid && algorithmOf(spki) === key.alg;
  require(right, FORM);
  const ascending = key.roles.every((role, at) => !at || key.roles[at - 1] < role);
  require(key.roles.length && ascending, FORM);
  require(key.alg !== "RS256" || key.kind === "webauthn", FORM);
  return key;
}

// What was known of a passkey when it was enrolled.
function readPasskey(value) {
  const parts = exactly(value, ["attestation", "backup_eligible", "backed_up"]);
  hash32(parts.attestation);
  const backupEligible = flag(parts.backup_eligible);
  const backedUp = flag(parts.backed_up);
  require(backupEligible || !backedUp, FORM);
  return { backupEligible };
}

// The member `key` of key.revoke: the id of the key.
export const readRevoked = (value) => keyid(exactly(value, ["keyid"]).keyid);

// The member `key` of key.suspect: the id of the key, and since when it may be in other hands.
export function readSuspected(value) {
  const parts = exactly(value, ["keyid", "since"]);
  const since = time(parts.since);
  return { keyid: keyid(parts.keyid), since };
}
