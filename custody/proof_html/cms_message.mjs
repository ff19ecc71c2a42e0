// A CMS signed message (RFC 5652) of one signer, read strictly, as a seal and a time stamp token need it. Every part
// has its place and nothing may be left over; what kind of content is right is for those who know what it is.

import { concat, same } from "./bytes.mjs";
import { RSA_KEY, oid, readAlgorithm, readDigest, signedBy } from "./certificate.mjs";
import { INTEGER, OCTET_STRING, Parts, SEQUENCE, SET, children, context, expect, onlyChild, readDer, smallInteger } from "./der.mjs";
import { BadSignature, Malformed, require } from "./errors.mjs";

// Which part it is, the Python verifier says.
const FORM = "A CMS message is not in its form.";

const SIGNED_DATA = "2a864886f70d010702";
export const CONTENT_TYPE = "2a864886f70d010903";
export const MESSAGE_DIGEST = "2a864886f70d010904";
export const SIGNING_CERTIFICATE = "2a864886f70d010910020c";
export const SIGNING_CERTIFICATE_V2 = "2a864886f70d010910022f";

// {version, type, content (null: the signed bytes are elsewhere), certificates (elements), signer}. Verifies nothing.
export function parseCms(message) {
  const info = new Parts(readDer(message), "CMS message");
  require(oid(info) === SIGNED_DATA, FORM);
  const body = new Parts(onlyChild(info.take(context(0))));
  info.end();
  const version = smallInteger(body.take(INTEGER));
  const digest = readDigest(onlyChild(body.take(SET)));
  const encapsulated = new Parts(body.take(SEQUENCE));
  const type = oid(encapsulated);
  const inside = encapsulated.takeIf(context(0));
  encapsulated.end();
  const content = inside && expect(onlyChild(inside), OCTET_STRING).content;
  const embedded = body.takeIf(context(0));
  const signer = signerInfo(onlyChild(body.take(SET)));
  body.end();
  require(digest === signer.digest, FORM);
  return { version, type, content, certificates: embedded ? children(embedded) : [], signer };
}

function signerInfo(element) {
  const parts = new Parts(element);
  const version = smallInteger(parts.take(INTEGER));
  require(version === 1, FORM);
  const sid = parts.take(SEQUENCE);
  const digest = readDigest(parts.take(SEQUENCE));
  const attributes = parts.take(context(0));
  const algorithm = parts.take(SEQUENCE);
  const signature = parts.take(OCTET_STRING).content;
  const unsigned = parts.takeIf(context(1));
  parts.end();
  // RFC 5652, 5.4: what is signed carries the tag of a SET, not the [0] it travels under.
  const signed = concat([SET], attributes.raw.subarray(1));
  return { sid, digest, signed, attributes: readAttributes(attributes), algorithm, signature, unsigned };
}

export function readAttributes(element) {
  const found = new Map();
  for (const child of children(element)) {
    const parts = new Parts(child);
    const name = oid(parts);
    require(!found.has(name), FORM);
    found.set(name, onlyChild(parts.take(SET)));
    parts.end();
  }
  return found;
}

export function attribute(signer, name) {
  const found = signer.attributes.get(name);
  if (!found) throw new Malformed("A signed attribute is missing.");
  return found;
}

// Tell whether the signature algorithm is only called RSA, a second spelling of the same signature.
export const isBare = (signer) => oid(new Parts(signer.algorithm)) === RSA_KEY;

// Tell whether issuer and serial number, by which CMS names a signer, are those of the certificate.
export function namesCertificate({ sid }, certificate) {
  const parts = new Parts(sid);
  const issuer = parts.take(SEQUENCE).raw;
  const serial = parts.take(INTEGER).content;
  parts.end();
  return same(issuer, certificate.issuer) && same(serial, certificate.serial);
}

// Return if the certificate's key signed the attributes. Throws Malformed or BadSignature.
export async function verifyCms(certificate, signer) {
  const algorithm = readAlgorithm(signer.algorithm, signer.digest);
  require(algorithm.hash === signer.digest, FORM);
  if (!(await signedBy(certificate, algorithm, signer.signature, signer.signed, ["P-256", "P-384"]))) {
    throw new BadSignature("The signature does not verify.");
  }
}
