// A time stamp token (RFC 3161): an outside authority's word that some bytes existed at a time. Trust comes from
// pins and from nowhere else: certificates in a token that are not pinned are ignored, unread. There is no chain,
// no store and no clock here.

import { hex, latin1, same } from "./bytes.mjs";
import { commonName, digestOf, fingerprint, isForStamps, keyUsage, parseCertificate, readDigest } from "./certificate.mjs";
import {
  CONTENT_TYPE,
  MESSAGE_DIGEST,
  SIGNING_CERTIFICATE,
  SIGNING_CERTIFICATE_V2,
  attribute,
  isBare,
  namesCertificate,
  parseCms,
  verifyCms,
} from "./cms_message.mjs";
import { BOOLEAN, GENERALIZED_TIME, INTEGER, OCTET_STRING, OID, Parts, SEQUENCE, children, context, expect, readDer, smallInteger } from "./der.mjs";
import { BadSignature, Malformed, ProofError, require } from "./errors.mjs";
import { time } from "./members.mjs";
import { sha256 } from "./sha256.mjs";

// Which part it is, the Python verifier says.
const FORM = "The token is not in its form.";

const TST_INFO = "2a864886f70d0109100104";
const TIME = /^([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})(\.[0-9]*[1-9])?Z$/;
const SECOND = 1000;

// The token was signed with a certificate that is not pinned, or does not carry the pinned one.
export class NotPinned extends ProofError {}

// Check the time stamp on a seal's signature with the one certificate in it, so that no byte is left unchecked.
export function checkSealStamp(token, signature) {
  const { certificates, signer } = parseCms(token);
  require(certificates.length === 1, FORM);
  require(!isBare(signer), FORM);
  return checkStamp(token, signature, [hex(sha256(certificates[0].raw))]);
}

// {earliest, latest, expires (milliseconds since 1970), pin, authority} if a pinned authority made the stamp, then
// entitled to, over exactly this message. Throws NotPinned, Malformed or BadSignature.
export async function checkStamp(token, message, pins) {
  const { content, certificates, signer } = await parseToken(token);
  const info = readInfo(content);
  require(same(await digestOf(info.digest, message), info.imprint), "The time stamp was made for something else.");
  const certificate = await pinnedOf(certificates, signer, pins);
  const usage = keyUsage(certificate);
  if (!isForStamps(certificate)) throw new BadSignature("The certificate is not made for time stamps and nothing else.");
  if (usage && !usage.signs) throw new BadSignature("The certificate is not made for signatures.");
  if (info.time < certificate.begins || info.time > certificate.ends) {
    throw new BadSignature("The certificate was not valid at the time of the stamp.");
  }
  if (!namesCertificate(signer, certificate)) throw new BadSignature("It names two different certificates as its signer's.");
  await verifyCms(certificate, signer);
  const pin = fingerprint(certificate);
  return {
    earliest: info.time - info.accuracy,
    latest: info.time + info.accuracy,
    expires: certificate.ends,
    pin,
    authority: commonName(certificate) ?? `certificate ${pin.slice(0, 16)}`,
  };
}

// Read a token strictly, and that its signed attributes are over its content. Verifies no signature.
async function parseToken(token) {
  const { version, type, content, certificates, signer } = parseCms(token);
  require(version === 3, FORM);
  require(type === TST_INFO && content !== null, FORM);
  require(!signer.unsigned, FORM);
  const named = expect(attribute(signer, CONTENT_TYPE), OID).content;
  require(hex(named) === TST_INFO, "It signs something else than a TSTInfo.");
  const digest = expect(attribute(signer, MESSAGE_DIGEST), OCTET_STRING).content;
  if (!same(await digestOf(signer.digest, content), digest)) throw new BadSignature("Its signature is over other bytes than those in it.");
  return { content, certificates, signer };
}

// A TSTInfo (RFC 3161, 2.4.2): {digest, imprint, time, accuracy}, times in milliseconds, whole seconds.
function readInfo(data) {
  const parts = new Parts(readDer(data), "TSTInfo");
  require(smallInteger(parts.take(INTEGER)) === 1, FORM);
  parts.take(OID);
  const imprint = new Parts(parts.take(SEQUENCE));
  const digest = readDigest(imprint.take(SEQUENCE));
  const hashed = imprint.take(OCTET_STRING).content;
  imprint.end();
  parts.take(INTEGER);
  const stated = readTime(parts.take(GENERALIZED_TIME).content);
  const accuracy = readAccuracy(parts.takeIf(SEQUENCE));
  const ordering = parts.takeIf(BOOLEAN);
  require(!ordering || ["00", "ff"].includes(hex(ordering.content)), FORM);
  parts.takeIf(INTEGER); // nonce
  parts.takeIf(context(0)); // the authority's name: a hint, the pin decides
  checkExtensions(parts.takeIf(context(1)));
  parts.end();
  return { digest, imprint: hashed, time: stated.time, accuracy: accuracy + stated.fraction };
}

function readTime(content) {
  const match = TIME.exec(latin1(content));
  if (!match) throw new Malformed(FORM);
  const [, year, month, day, hour, minute, second, fraction] = match;
  require(year >= "1950" && year <= "9998", FORM);
  return { time: time(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`), fraction: fraction ? SECOND : 0 };
}

// An Accuracy, rounded up to whole seconds; absent, the authority claims to be exact.
function readAccuracy(element) {
  if (!element) return 0;
  const parts = new Parts(element);
  const seconds = parts.takeIf(INTEGER);
  const finer = [parts.takeIf(0x80), parts.takeIf(0x81)].some(Boolean); // milliseconds and microseconds
  parts.end();
  return ((seconds ? smallInteger(seconds) : 0) + (finer ? 1 : 0)) * SECOND;
}

// An extension that must be understood is not; others may say what they like.
function checkExtensions(element) {
  for (const child of element ? children(element) : []) {
    const parts = new Parts(child);
    parts.take(OID);
    const critical = parts.takeIf(BOOLEAN);
    parts.take(OCTET_STRING);
    parts.end();
    require(!critical || hex(critical.content) === "00", FORM);
  }
}

// The certificate that is in the token, is pinned, and is named by the signed attributes.
async function pinnedOf(certificates, signer, pins) {
  for (const element of certificates) {
    if (pins.includes(hex(sha256(element.raw))) && (await names(signer, element.raw))) return parseCertificate(element);
  }
  throw new NotPinned("The time stamp is not signed with a pinned certificate that travels in it.");
}

// Tell whether signing-certificate (RFC 2634) and its version 2 (RFC 5035), as far as there, name this certificate.
async function names(signer, certificate) {
  const named = [];
  if (signer.attributes.has(SIGNING_CERTIFICATE_V2)) {
    const first = firstNamed(attribute(signer, SIGNING_CERTIFICATE_V2));
    const explicit = first.takeIf(SEQUENCE);
    named.push([explicit ? readDigest(explicit) : "SHA-256", first]);
  }
  // SHA-1 only tells which of two certificates is meant; the pin, a SHA-256, decides whether it may be.
  if (signer.attributes.has(SIGNING_CERTIFICATE)) named.push(["SHA-1", firstNamed(attribute(signer, SIGNING_CERTIFICATE))]);
  require(named.length, FORM);
  for (const [algorithm, part] of named) {
    const hash = part.take(OCTET_STRING).content;
    if (!same(hash, await digestOf(algorithm, certificate))) return false;
  }
  return true;
}

function firstNamed(element) {
  const [first] = children(new Parts(element).take(SEQUENCE));
  require(first, FORM);
  return new Parts(first);
}

