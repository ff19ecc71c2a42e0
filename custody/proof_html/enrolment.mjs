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
<<<<<<< HEAD
  const parts = exactly(value, ["keyid", "spki", "alg", "person", "roles", "kind", ...facts], "enrolled key");
  const spki = data(parts.spki, "public key");
=======
  const parts = exactly(value, ["keyid", "spki", "alg", "person", "roles", "kind", ...facts]);
  const spki = data(parts.spki);
>>>>>>> 63bf2a3e5bb7d6fd977d7b7ff6117cee95bd0816
  const key = {
    keyid: keyid(parts.keyid),
    spki,
<<<<<<< HEAD
    alg: word(parts.alg, ["ES256", "Ed25519", "RS256"], "algorithm of a key"),
    person: uuid(parts.person, "owner of a key"),
    roles: array(parts.roles, "list of roles").map((role) => word(role, ROLES, "role")),
    kind: word(parts.kind, KEY_KINDS, "kind of a key"),
=======
    alg: word(parts.alg, ["ES256", "Ed25519", "RS256"]),
    person: uuid(parts.person),
    roles: array(parts.roles).map((role) => word(role, ROLES)),
    kind: word(parts.kind, KEY_KINDS),
>>>>>>> 63bf2a3e5bb7d6fd977d7b7ff6117cee95bd0816
    passkey: facts.length ? readPasskey(parts.passkey) : null,
  };
  const right = keyidOf(spki) === key.keyid && algorithmOf(spki) === key.alg;
  require(right, FORM);
  const ascending = key.roles.every((role, at) => !at || key.roles[at - 1] < role);
<<<<<<< HEAD
  require(key.roles.length && ascending, "The roles of an enrolled key are missing, doubled or not in alphabetical order.");
  require(key.alg !== "RS256" || key.kind === "webauthn", "An RSA key is enrolled that is no passkey.");
=======
  require(key.roles.length && ascending, FORM);
  require(key.alg !== "RS256" || key.kind === "webauthn", FORM);
>>>>>>> 63bf2a3e5bb7d6fd977d7b7ff6117cee95bd0816
  return key;
}

// What was known of a passkey when it was enrolled.
function readPasskey(value) {
<<<<<<< HEAD
  const parts = exactly(value, ["attestation", "backup_eligible", "backed_up"], "passkey");
  hash32(parts.attestation, "attestation of a passkey");
  const backupEligible = flag(parts.backup_eligible, "backup of a passkey");
  const backedUp = flag(parts.backed_up, "backup of a passkey");
  require(backupEligible || !backedUp, "A passkey is said to be copied that cannot be.");
=======
  const parts = exactly(value, ["attestation", "backup_eligible", "backed_up"]);
  hash32(parts.attestation);
  const backupEligible = flag(parts.backup_eligible);
  const backedUp = flag(parts.backed_up);
  require(backupEligible || !backedUp, FORM);
>>>>>>> 63bf2a3e5bb7d6fd977d7b7ff6117cee95bd0816
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
