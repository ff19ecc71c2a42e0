// The CMS signature of a PDF's seal, as PAdES has it: one signer, detached, certificates inside. Every byte of the
// message must be accounted for: a part that nobody would check breaks the seal. The signer is named by signed bytes
// only (signing-certificate-v2, RFC 5035).

import { hex, same } from "./bytes.mjs";
import { CertificateError, RSA_KEY, digestOf, oid, parseCertificate, readDigest } from "./certificate.mjs";
import { CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_CERTIFICATE_V2, attribute, namesCertificate, parseCms, verifyCms } from "./cms_message.mjs";
import { OCTET_STRING, OID, Parts, SEQUENCE, expect, onlyChild } from "./der.mjs";
import { BadSignature, require } from "./errors.mjs";

const MAX_CERTIFICATES = 6;
const DATA = "2a864886f70d010701";

export class DigestError extends BadSignature {}

// {signer (its certificate), certificates} if the signer signed the content, given in pieces; trust is not
// decided here. Throws Malformed, DigestError, BadSignature or CertificateError.
export async function checkCms(message, ...content) {
  const { certificates, signer } = parseSeal(message);
  const named = expect(attribute(signer, MESSAGE_DIGEST), OCTET_STRING).content;
  if (!same(named, await digestOf(signer.digest, ...content))) {
    throw new DigestError("The seal was made for other bytes than those in the file.");
  }
  const certificate = await signerCertificate(signer, certificates);
  await verifyCms(certificate, signer);
  return { signer: certificate, certificates };
}

function parseSeal(message) {
  const { version, type, content, certificates, signer } = parseCms(message);
  require(version === 1, "Its version is not 1.");
  require(type === DATA, "The signed content is not plain data.");
  require(content === null, "The seal carries the bytes it signs inside itself.");
  // It would be a second spelling of the same signature.
  require(!isBare(signer), "The seal does not name its signature algorithm in full.");
  const some = certificates.length >= 1 && certificates.length <= MAX_CERTIFICATES;
  require(some, `The seal does not carry 1 to ${MAX_CERTIFICATES} certificates.`);
  return { certificates: certificates.map(parseCertificate), signer };
}

const isBare = (signer) => oid(new Parts(signer.algorithm)) === RSA_KEY;

// The certificate that the signed attributes name; the unsigned name beside it must agree.
async function signerCertificate(signer, certificates) {
  const type = expect(attribute(signer, CONTENT_TYPE), OID).content;
  require(hex(type) === DATA, "The seal says it signs something else than data.");
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
