// What records say about keys: whose is enrolled with which roles, which is revoked or suspected.

import { isMap } from "./canonical.mjs";
import { require } from "./errors.mjs";
import { algorithmOf, keyidOf } from "./keys.mjs";
import { array, data, exactly, flag, hash32, keyid, time, uuid, word } from "./members.mjs";
import { KEY_KINDS, ROLES } from "./vocabulary.mjs";

// The member `roots` of genesis.
export function readRoots(value) {
  const roots = array(value, "list of root keys").map(readEnrolled);
  const ids = new Set(roots.map((root) => root.keyid));
  require(roots.length && ids.size === roots.length, "The root keys of the log are missing, or one is listed twice.");
  return roots;
}

// The member `key` of key.register.
export function readEnrolled(value) {
  const facts = isMap(value) && value.kind === "webauthn" ? ["passkey"] : [];
  const parts = exactly(value, ["keyid", "spki", "alg", "person", "roles", "kind", ...facts], "enrolled key");
  const spki = data(parts.spki, "public key");
  const key = {
    keyid: keyid(parts.keyid, "key id"),
    spki,
    alg: word(parts.alg, ["ES256", "Ed25519", "RS256"], "algorithm of a key"),
    person: uuid(parts.person, "owner of a key"),
    roles: array(parts.roles, "list of roles").map((role) => word(role, ROLES, "role")),
    kind: word(parts.kind, KEY_KINDS, "kind of a key"),
    passkey: facts.length ? readPasskey(parts.passkey) : null,
  };
  const right = keyidOf(spki) === key.keyid && algorithmOf(spki) === key.alg;
  require(right, "The key id or the algorithm of an enrolled key is not that of its public key.");
  const ascending = key.roles.every((role, at) => !at || key.roles[at - 1] < role);
  require(key.roles.length && ascending, "The roles of an enrolled key are missing, doubled or not in alphabetical order.");
  require(key.alg !== "RS256" || key.kind === "webauthn", "An RSA key is enrolled that is no passkey.");
  return key;
}

// What was known of a passkey when it was enrolled.
function readPasskey(value) {
  const parts = exactly(value, ["attestation", "backup_eligible", "backed_up"], "passkey");
  hash32(parts.attestation, "attestation of a passkey");
  const backupEligible = flag(parts.backup_eligible, "backup of a passkey");
  const backedUp = flag(parts.backed_up, "backup of a passkey");
  require(backupEligible || !backedUp, "A passkey is said to be copied that cannot be.");
  return { backupEligible };
}

// The member `key` of key.revoke: the id of the key.
export const readRevoked = (value) => keyid(exactly(value, ["keyid"], "revoked key").keyid, "revoked key");

// The member `key` of key.suspect: the id of the key, and since when it may be in other hands.
export function readSuspected(value) {
  const parts = exactly(value, ["keyid", "since"], "suspected key");
  const since = time(parts.since, "time since which a key is suspected");
  return { keyid: keyid(parts.keyid, "suspected key"), since };
}
