// X.509 certificates (RFC 5280) as far as a seal needs them, and who issued whom. No store, no clock: a report
// is read in thirty years by somebody offline.

import { concat, hex, latin1, same } from "./bytes.mjs";
import { BIT_STRING, BOOLEAN, INTEGER, NULL, OCTET_STRING, OID, Parts, SEQUENCE, children, context, expect, onlyChild, readDer, smallInteger } from "./der.mjs";
import { BadSignature, Malformed, require } from "./errors.mjs";
import { ecdsaRaw } from "./keys.mjs";
import { time } from "./members.mjs";
import { sha256 } from "./sha256.mjs";

// Which part it is, the Python verifier says.
const FORM = "A certificate is not in its form, or its key or algorithm is not accepted.";

export const MIN_RSA_BITS = 2048;
const DIGESTS = { "608648016503040201": "SHA-256", "608648016503040202": "SHA-384", "608648016503040203": "SHA-512" };
const RSA_PKCS1 = { "2a864886f70d01010b": "SHA-256", "2a864886f70d01010c": "SHA-384", "2a864886f70d01010d": "SHA-512" };
const ECDSA = { "2a8648ce3d040302": "SHA-256", "2a8648ce3d040303": "SHA-384", "2a8648ce3d040304": "SHA-512" };
const RSA_PSS = "2a864886f70d01010a";
const MGF1 = "2a864886f70d010108";
export const RSA_KEY = "2a864886f70d010101";
const EC_KEY = "2a8648ce3d0201";
// name of the curve, bytes of a number
const CURVES = { "2a8648ce3d030107": ["P-256", 32], "2b81040022": ["P-384", 48], "2b81040023": ["P-521", 66] };
const COMMON_NAME = "550403";
const BASIC_CONSTRAINTS = "551d13";
const KEY_USAGE = "551d0f";
const EXTENDED_KEY_USAGE = "551d25";
const TIME_STAMPING = "2b06010505070308";
const UTC_TIME = 0x17;

export const oid = (parts) => hex(parts.take(OID).content);

export function parseCertificate(element) {
  const parts = new Parts(element);
  const tbs = parts.take(SEQUENCE);
  const algorithm = parts.take(SEQUENCE);
  // The first byte counts unused bits of the last one; a signature has none.
  const signature = parts.take(BIT_STRING).content;
  require(signature[0] === 0, FORM);
  parts.end();
  const body = new Parts(tbs);
  const version = smallInteger(onlyChild(body.take(context(0))));
  require(version <= 2, FORM);
  const serial = body.take(INTEGER).content;
  require(serial[0] < 0x80 && serial.some(Boolean), FORM);
  const inner = body.take(SEQUENCE);
  const issuer = body.take(SEQUENCE).raw;
  const dates = children(body.take(SEQUENCE));
  require(dates.length === 2, FORM);
  const [begins, ends] = dates.map(readDate);
  const subject = body.take(SEQUENCE);
  const spki = body.take(SEQUENCE).raw;
  body.takeIf(0x81); // issuerUniqueID and subjectUniqueID, of no use
  body.takeIf(0x82);
  const extensions = readExtensions(body.takeIf(context(3)));
  body.end();
  return { raw: element.raw, tbs: tbs.raw, algorithm, inner, signature: signature.subarray(1), serial, issuer, subject, spki, extensions, begins, ends };
}

// UTCTime has two digits for the year: 50 and above are of the last century (RFC 5280, 4.1.2.5).
function readDate({ tag, content }) {
  const text = latin1(content);
  const digits = tag === UTC_TIME ? `${text >= "50" ? "19" : "20"}${text}` : text;
  const [, year, rest] = /^([0-9]{4})([0-9]{10})Z$/.exec(digits) || [];
  require(rest, FORM);
  const [month, day, hour, minute, second] = rest.match(/../g);
  return time(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function readExtensions(element) {
  const found = new Map();
  if (!element) return found;
  for (const child of children(expect(onlyChild(element), SEQUENCE))) {
    const parts = new Parts(child);
    const name = oid(parts);
    const critical = Boolean(parts.takeIf(BOOLEAN)?.content[0]);
    require(!found.has(name), FORM);
    found.set(name, { critical, value: parts.take(OCTET_STRING).content });
    parts.end();
  }
  return found;
}

export function commonName(certificate) {
  for (const set of children(certificate.subject)) {
    for (const child of children(set)) {
      const [name, value] = children(child);
      if (hex(name.content) === COMMON_NAME) return new TextDecoder(value.tag === 0x1e ? "utf-16be" : "utf-8").decode(value.content);
    }
  }
  return null;
}

// null if the certificate does not say what its key is for.
export function keyUsage(certificate) {
  const found = certificate.extensions.get(KEY_USAGE);
  if (!found) return null;
  const bits = expect(readDer(found.value), BIT_STRING).content[1] || 0;
  return { signs: Boolean(bits & 0xc0), issues: Boolean(bits & 0x04) };
}

export function isAuthority(certificate) {
  const found = certificate.extensions.get(BASIC_CONSTRAINTS);
  if (!found) return false;
  const ca = new Parts(readDer(found.value)).takeIf(BOOLEAN);
  return Boolean(ca && ca.content[0]);
}

// Tell whether the certificate is made for time stamps and nothing else, and says so critically (RFC 3161, 2.3).
export function isForStamps(certificate) {
  const found = certificate.extensions.get(EXTENDED_KEY_USAGE);
  if (!found?.critical) return false;
  const purposes = children(expect(readDer(found.value), SEQUENCE));
  return purposes.length === 1 && hex(purposes[0].content) === TIME_STAMPING;
}

export const fingerprint = (certificate) => hex(sha256(certificate.raw));

export function readDigest(element) {
  const parts = new Parts(element);
  const name = oid(parts);
  endAfterNull(parts);
  require(Object.hasOwn(DIGESTS, name), FORM);
  return DIGESTS[name];
}

// Absent and NULL parameters: RFC 5754 wants the one, PKCS #1 the other, and both are in use.
function endAfterNull(parts) {
  const found = parts.takeIf(NULL);
  require(!found || !found.content.length, FORM);
  parts.end();
}

// What a signature algorithm says: {kind, hash, salt}; `digest` is that of bare rsaEncryption, which names none.
// Throws Malformed, or BadSignature for an unknown one.
export function readAlgorithm(element, digest = null) {
  const parts = new Parts(element);
  const name = oid(parts);
  if (ECDSA[name]) {
    parts.end();
    return { kind: "ECDSA", hash: ECDSA[name] };
  }
  if (RSA_PKCS1[name] || (name === RSA_KEY && digest)) {
    endAfterNull(parts);
    return { kind: "RSASSA-PKCS1-v1_5", hash: RSA_PKCS1[name] || digest };
  }
  if (name === RSA_PSS) return readPss(parts);
  throw new BadSignature("The signature algorithm is not accepted or does not fit the certificate.");
}

// RSASSA-PSS-params (RFC 4055): the hash of both parts must be the same.
function readPss(parts) {
  const parameters = new Parts(parts.take(SEQUENCE, "PSS parameters"), "PSS parameters");
  parts.end();
  const hash = readDigest(onlyChild(parameters.take(context(0))));
  const mask = new Parts(onlyChild(parameters.take(context(1))));
  require(oid(mask) === MGF1, FORM);
  require(readDigest(mask.take(SEQUENCE)) === hash, FORM);
  mask.end();
  const salt = smallInteger(onlyChild(parameters.take(context(2))));
  parameters.end();
  return { kind: "RSA-PSS", hash, salt };
}

// The public key of a certificate: {kind "EC" or "RSA", curve, size, bits}.
function readKey(spki) {
  const parts = new Parts(readDer(spki));
  const algorithm = new Parts(parts.take(SEQUENCE));
  const name = oid(algorithm);
  const key = parts.take(BIT_STRING).content;
  parts.end();
  if (name === EC_KEY) {
    const [curve, size] = CURVES[oid(algorithm)] || [];
    algorithm.end();
    return { kind: "EC", curve, size };
  }
  if (name !== RSA_KEY) return {};
  const modulus = new Parts(readDer(key.subarray(1)), "RSA key").take(INTEGER).content;
  return { kind: "RSA", bits: BigInt(`0x${hex(modulus)}`).toString(2).length };
}

// Tell whether the key of `issuer` made the signature. Throws Malformed for what cannot be read.
export async function signedBy(issuer, algorithm, signature, message, curves = ["P-256", "P-384", "P-521"]) {
  const key = readKey(issuer.spki);
  const { kind, hash, salt } = algorithm;
  if (key.kind !== (kind === "ECDSA" ? "EC" : "RSA")) {
    throw new BadSignature("The signature algorithm is not accepted or does not fit the certificate.");
  }
  const accepted = key.kind === "EC" ? curves.includes(key.curve) : key.bits >= MIN_RSA_BITS;
  require(accepted, FORM);
  const raw = kind === "ECDSA" ? ecdsaRaw(signature, key.size) : signature;
  if (!raw) return false;
  const spec = kind === "ECDSA" ? { name: kind, namedCurve: key.curve } : { name: kind, hash };
  try {
    const imported = await crypto.subtle.importKey("spki", issuer.spki, spec, false, ["verify"]);
    return await crypto.subtle.verify({ name: kind, hash, saltLength: salt }, imported, raw, message);
  } catch (error) {
    if (error.name === "DataError" || error.name === "OperationError") return false;
    throw error;
  }
}

// Tell whether the issuer's key signed the certificate: a search, the decision is chainOf()'s.
async function issuedBy(certificate, issuer) {
  if (!same(certificate.issuer, issuer.subject.raw) || !same(certificate.algorithm.raw, certificate.inner.raw)) return false;
  try {
    return await signedBy(issuer, readAlgorithm(certificate.algorithm), certificate.signature, certificate.tbs);
  } catch (error) {
    if (error instanceof Malformed || error instanceof BadSignature) return false;
    throw error;
  }
}

export class CertificateError extends BadSignature {}

// The chain from the signer to a self-signed certificate, which takes all embedded ones. A lone signer's
// certificate need not be self-signed: the signed attributes fix every byte of it.
export async function chainOf(signer, embedded) {
  const usage = keyUsage(signer);
  if (usage && !usage.signs) throw new CertificateError("The seal's certificate is not meant for signatures.");
  const chain = [signer];
  for (;;) {
    const last = chain[chain.length - 1];
    if (await issuedBy(last, last)) break;
    let next = null;
    for (const one of embedded) {
      if (!next && !chain.some((other) => same(one.raw, other.raw)) && (await issuedBy(last, one))) next = one;
    }
    if (!next) {
      if (chain.length > 1) throw new CertificateError("The certificates of the seal do not end in a self-signed one.");
      break;
    }
    const issues = keyUsage(next)?.issues ?? true;
    if (!isAuthority(next) || !issues) throw new CertificateError("The seal's certificate was issued by one that is not an authority.");
    chain.push(next);
  }
  if (chain.length !== embedded.length) throw new CertificateError("The seal carries certificates that are not part of its signer's chain.");
  return chain;
}

export const digestOf = async (name, ...parts) => new Uint8Array(await crypto.subtle.digest(name, parts.length === 1 ? parts[0] : concat(...parts)));
