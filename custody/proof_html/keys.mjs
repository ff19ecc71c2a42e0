// Signatures of the two kinds of key: P-256 (DER ECDSA with SHA-256, "ES256") and Ed25519, by WebCrypto.
// A key has one spelling only, because its id is the hash of its bytes: the prefixes below are all of the
// SubjectPublicKeyInfo but the key itself.

import { b64url, concat, hex } from "./bytes.mjs";
import { BadSignature, Malformed, require } from "./errors.mjs";
import { sha256 } from "./sha256.mjs";

export const ED25519_PREFIX = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00);
const ED25519 = hex(ED25519_PREFIX);
const P256 = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";

// The coordinate y of an Ed25519 point is below this prime; points with these y have an order of at most 8.
const P25519 = 2n ** 255n - 19n;
const Y8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;
const SMALL_ORDER = [0n, 1n, P25519 - 1n, Y8, P25519 - Y8];

const P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

export const keyidOf = (spki) => b64url(sha256(spki));

const number = (digits) => BigInt(`0x${digits}`);

// Tell which algorithm a public key is for. Throws Malformed for any other kind of key.
export function algorithmOf(spki) {
  const text = hex(spki);
  if (text.startsWith(ED25519) && text.length === 88) {
    const y = number(hex(spki.slice(12).reverse())) & (2n ** 255n - 1n); // the highest bit is the sign of x
    require(y < P25519 && !SMALL_ORDER.includes(y), "An Ed25519 public key is of small order or not in its canonical encoding.");
    return "Ed25519";
  }
  if (text.startsWith(P256) && text.length === 182) {
    const x = number(text.slice(54, 118));
    const y = number(text.slice(118));
    const onCurve = x < P && y < P && (y * y - x * x * x + 3n * x - B) % P === 0n;
    require(onCurve, "A public key cannot be read.");
    return "ES256";
  }
  throw new Malformed("A public key is neither P-256 nor Ed25519 in its canonical encoding.");
}

// DER ECDSA-Sig-Value as the two numbers side by side, each of `size` bytes; null if it is not strict DER.
export function ecdsaRaw(der, size) {
  const one = (at) => {
    const length = der[at + 1];
    const start = at + 2;
    const tooLong = der[start] === 0 && length > 1 && der[start + 1] < 0x80;
    if (der[at] !== 2 || !(length >= 1) || length >= 0x80 || start + length > der.length || der[start] >= 0x80 || tooLong) return null;
    const value = der[start] === 0 ? der.subarray(start + 1, start + length) : der.subarray(start, start + length);
    if (value.length > size) return null;
    const padded = new Uint8Array(size);
    padded.set(value, size - value.length);
    return { padded, end: start + length };
  };
  // A P-521 signature is longer than 127 bytes and has a length of two bytes.
  const long = der[1] === 0x81 && der[2] >= 0x80;
  const body = long ? 3 : 2;
  if (der[0] !== 0x30 || (long ? der[2] : der[1]) !== der.length - body || (!long && der[1] >= 0x80)) return null;
  const r = one(body);
  const s = r && one(r.end);
  return s && s.end === der.length ? concat(r.padded, s.padded) : null;
}

const imported = new Map(); // key id -> promise of a CryptoKey; importing costs more than verifying

function importKey(spki, algorithm) {
  const id = keyidOf(spki);
  if (!imported.has(id)) {
    const kind = algorithm === "ES256" ? { name: "ECDSA", namedCurve: "P-256" } : { name: "Ed25519" };
    imported.set(id, crypto.subtle.importKey("spki", spki, kind, false, ["verify"]));
  }
  return imported.get(id);
}

// Return if the key signed the message. Throws BadSignature.
export async function verify(spki, sig, message) {
  let algorithm;
  try {
    algorithm = algorithmOf(spki);
  } catch (error) {
    throw new BadSignature(error.message);
  }
  const raw = algorithm === "ES256" ? ecdsaRaw(sig, 32) : sig;
  const scheme = algorithm === "ES256" ? { name: "ECDSA", hash: "SHA-256" } : { name: "Ed25519" };
  let holds = false;
  try {
    holds = raw !== null && (await crypto.subtle.verify(scheme, await importKey(spki, algorithm), raw, message));
  } catch (error) {
    // DataError: bytes that are no point of the curve. Anything else would be a browser without the algorithm.
    if (error.name !== "DataError" && error.name !== "OperationError") throw error;
  }
  if (!holds) throw new BadSignature("A signature does not verify.");
}
