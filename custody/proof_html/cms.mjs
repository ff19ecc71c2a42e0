// The CMS signature of a PDF's seal, as PAdES has it: one signer, detached, certificates inside. Every byte of the
// message must be accounted for: a part that nobody would check breaks the seal. The signer is named by signed bytes
// only (signing-certificate-v2, RFC 5035).

import { hex, same } from "./bytes.mjs";
import { CertificateError, digestOf, parseCertificate, readDigest } from "./certificate.mjs";
import { CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_CERTIFICATE_V2, attribute, isBare, namesCertificate, parseCms, readAttributes, verifyCms } from "./cms_message.mjs";
import { OCTET_STRING, OID, Parts, SEQUENCE, expect, onlyChild } from "./der.mjs";
import { BadSignature, require } from "./errors.mjs";

// Which part it is, the Python verifier says.
const FORM = "The seal is not in its form.";

const MAX_CERTIFICATES = 6;
const DATA = "2a864886f70d010701";
const TIME_STAMP_TOKEN = "2a864886f70d010910020e";

export class DigestError extends BadSignature {}

// {signer (its certificate), certificates, stamp (token or null), signature} if the signer signed the content, given in pieces; trust is not
// decided here. Throws Malformed, DigestError, BadSignature or CertificateError.
export async function checkCms(message, ...content) {
  const { certificates, signer, stamp } = parseSeal(message);
  const named = expect(attribute(signer, MESSAGE_DIGEST), OCTET_STRING).content;
  if (!same(named, await digestOf(signer.digest, ...content))) {
    throw new DigestError("The seal was made for other bytes than those in the file.");
  }
  const certificate = await signerCertificate(signer, certificates);
  await verifyCms(certificate, signer);
  return { signer: certificate, certificates, stamp, signature: signer.signature };
}

function parseSeal(message) {
  const { version, type, content, certificates, signer } = parseCms(message);
  require(version === 1, FORM);
  require(type === DATA, FORM);
  require(content === null, FORM);
  require(!isBare(signer), FORM);
  const some = certificates.length >= 1 && certificates.length <= MAX_CERTIFICATES;
  require(some, FORM);
  return { certificates: certificates.map(parseCertificate), signer, stamp: stampOf(signer) };
}

// The token of a time stamp on the signature, the only unsigned attribute there may be; null if there is none.
function stampOf({ unsigned }) {
  if (!unsigned) return null;
  const attributes = readAttributes(unsigned);
  const token = attributes.get(TIME_STAMP_TOKEN);
  require(token && attributes.size === 1, "The seal has unsigned attributes other than one time stamp.");
  return token.raw;
}

// The certificate that the signed attributes name; the unsigned name beside it must agree.
async function signerCertificate(signer, certificates) {
  const type = expect(attribute(signer, CONTENT_TYPE), OID).content;
  require(hex(type) === DATA, FORM);
  const list = new Parts(attribute(signer, SIGNING_CERTIFICATE_V2));
  const named = new Parts(onlyChild(list.take(SEQUENCE)));
  const explicit = named.takeIf(SEQUENCE);
  const algorithm = explicit ? readDigest(explicit) : "SHA-256";
  const wanted = named.take(OCTET_STRING).content;
  for (const certificate of certificates) {
    if (!same(await digestOf(algorithm, certificate.raw), wanted)) continue;
    if (!namesCertificate(signer, certificate)) throw new CertificateError("The seal names two different certificates as its signer's.");
    return certificate;
  }
  throw new CertificateError("The certificate that the seal names is not in it.");
}
