// Signatures: P-256 (DER ECDSA with SHA-256, "ES256"), Ed25519, RSA of passkeys ("RS256") by WebCrypto, and
// ML-DSA-44, which not every browser has, by ml_dsa.mjs. A key has one spelling only, because its id is the hash
// of its bytes: the prefixes below are all of the SubjectPublicKeyInfo but the key itself.

import { b64url, concat, fromHex, hex } from "./bytes.mjs";
import { BIT_STRING, INTEGER, Parts, SEQUENCE, readDer } from "./der.mjs";
import { BadSignature, require } from "./errors.mjs";
import { PUBLIC_SIZE, verifyMlDsa44 } from "./ml_dsa.mjs";
import { sha256 } from "./sha256.mjs";

// Which part it is, the Python verifier says.
const FORM = "A public key is of another kind or size, or oddly written.";

export const ED25519_PREFIX = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00);
const ED25519 = hex(ED25519_PREFIX);
export const ML_DSA_PREFIX = fromHex("30820532300b060960864801650304031103820521" + "00");
const RSA_ALGORITHM = "300d06092a864886f70d0101010500";
const RSA_EXPONENT = "010001";
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
    require(y < P25519 && !SMALL_ORDER.includes(y), FORM);
    return "Ed25519";
  }
  if (text.startsWith(P256) && text.length === 182) {
    const x = number(text.slice(54, 118));
    const y = number(text.slice(118));
    const onCurve = x < P && y < P && (y * y - x * x * x + 3n * x - B) % P === 0n;
    require(onCurve, FORM);
    return "ES256";
  }
  if (text.startsWith(hex(ML_DSA_PREFIX)) && spki.length === ML_DSA_PREFIX.length + PUBLIC_SIZE) return "ML-DSA-44";
  const bits = rsaBits(spki);
  require(bits >= 2048 && bits <= 4096, FORM);
  return "RS256";
}

// The bits of an RSA key with the usual exponent in its one encoding. Throws Malformed for any other key.
function rsaBits(spki) {
  const parts = new Parts(readDer(spki));
  const algorithm = hex(parts.take(SEQUENCE).raw);
  const key = parts.take(BIT_STRING).content;
  parts.end();
  require(algorithm === RSA_ALGORITHM && key[0] === 0, FORM);
  const numbers = new Parts(readDer(key.subarray(1)), "RSA key");
  const modulus = numbers.take(INTEGER).content;
  const exponent = hex(numbers.take(INTEGER).content);
  numbers.end();
  const shortest = modulus[0] < 0x80 && (modulus[0] !== 0 || modulus[1] >= 0x80);
  require(shortest && exponent === RSA_EXPONENT, FORM);
  return number(hex(modulus)).toString(2).length;
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

const SCHEMES = {
  ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  Ed25519: { name: "Ed25519" },
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
};
const imported = new Map(); // key id -> promise of a CryptoKey; importing costs more than verifying

function importKey(spki, scheme) {
  const id = keyidOf(spki);
  if (!imported.has(id)) imported.set(id, crypto.subtle.importKey("spki", spki, scheme, false, ["verify"]));
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
  if (!(await holds(algorithm, spki, sig, message))) throw new BadSignature("A signature does not verify.");
}

async function holds(algorithm, spki, sig, message) {
  if (algorithm === "ML-DSA-44") return verifyMlDsa44(spki.subarray(ML_DSA_PREFIX.length), sig, message);
  const raw = algorithm === "ES256" ? ecdsaRaw(sig, 32) : sig;
  if (raw === null) return false;
  try {
    return await crypto.subtle.verify(SCHEMES[algorithm], await importKey(spki, SCHEMES[algorithm]), raw, message);
  } catch (error) {
    // Bytes that are no point of the curve. Anything else would be a browser without the algorithm.
    if (error.name === "DataError" || error.name === "OperationError") return false;
    throw error;
  }
}
