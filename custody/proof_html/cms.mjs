// A CMS signature (RFC 5652) as PAdES puts it into a PDF: one signer, detached, certificates inside. Every byte
// of the message must be accounted for: a part that nobody would check breaks the seal. The signer is named by
// signed bytes only (signing-certificate-v2, RFC 5035).

import { concat, hex, same } from "./bytes.mjs";
import { CertificateError, digestOf, oid, parseCertificate, readAlgorithm, readDigest, signedBy } from "./certificate.mjs";
import { INTEGER, OCTET_STRING, OID, Parts, SEQUENCE, SET, children, context, expect, onlyChild, readDer, smallInteger } from "./der.mjs";
import { BadSignature, Malformed, require } from "./errors.mjs";

const MAX_CERTIFICATES = 6;
const SIGNED_DATA = "2a864886f70d010702";
const DATA = "2a864886f70d010701";
const CONTENT_TYPE = "2a864886f70d010903";
const MESSAGE_DIGEST = "2a864886f70d010904";
const SIGNING_CERTIFICATE_V2 = "2a864886f70d010910022f";

export class DigestError extends BadSignature {}

// {signer (its certificate), certificates} if the signer signed the content, given in pieces; trust is not
// decided here. Throws Malformed, DigestError, BadSignature or CertificateError.
export async function checkCms(message, ...content) {
  const { certificates, signer } = parse(message);
  const named = expect(attribute(signer, MESSAGE_DIGEST), OCTET_STRING, "message digest").content;
  if (!same(named, await digestOf(signer.digest, ...content))) {
    throw new DigestError("The seal was made for other bytes than those in the file.");
  }
  const certificate = await signerCertificate(signer, certificates);
  const algorithm = readAlgorithm(signer.algorithm);
  require(algorithm.hash === signer.digest, "The seal names two digest algorithms.");
  // RFC 5652, 5.4: what is signed carries the tag of a SET, not the [0] it travels under.
  const signed = concat([SET], signer.attributesRaw.subarray(1));
  if (!(await signedBy(certificate, algorithm, signer.signature, signed, ["P-256", "P-384"]))) {
    throw new BadSignature("The signature of the seal does not verify.");
  }
  return { signer: certificate, certificates };
}

function parse(message) {
  const info = new Parts(readDer(message), "CMS message");
  require(oid(info, "content type") === SIGNED_DATA, "The CMS message is not signed data.");
  const body = new Parts(onlyChild(info.take(context(0), "signed data"), "signed data"), "signed data");
  info.end();
  version(body);
  const digest = readDigest(onlyChild(body.take(SET, "digest algorithms"), "digest algorithms"));
  const encapsulated = new Parts(body.take(SEQUENCE, "content"), "content");
  require(oid(encapsulated, "type") === DATA, "The signed content is not plain data.");
  encapsulated.end();
  const carried = children(body.take(context(0), "certificates"));
  const some = carried.length >= 1 && carried.length <= MAX_CERTIFICATES;
  require(some, `The seal does not carry 1 to ${MAX_CERTIFICATES} certificates.`);
  const certificates = carried.map(parseCertificate);
  const signer = signerInfo(onlyChild(body.take(SET, "signers"), "signers"));
  body.end();
  require(digest === signer.digest, "The seal names two digest algorithms.");
  return { certificates, signer };
}

function version(parts) {
  require(smallInteger(parts.take(INTEGER, "version"), "version") === 1, "A version in the CMS message is not 1.");
}

function signerInfo(element) {
  const parts = new Parts(element, "signer");
  version(parts);
  const sid = parts.take(SEQUENCE, "signer's name");
  const digest = readDigest(parts.take(SEQUENCE, "digest algorithm"));
  const attributes = parts.take(context(0), "signed attributes");
  const algorithm = parts.take(SEQUENCE, "signature algorithm");
  const signature = parts.take(OCTET_STRING, "signature").content;
  require(!parts.takeIf(context(1)), "The seal has unsigned attributes, which nothing protects.");
  parts.end();
  return { sid, digest, attributesRaw: attributes.raw, attributes: readAttributes(attributes), algorithm, signature };
}

function readAttributes(element) {
  const found = new Map();
  for (const child of children(element)) {
    const parts = new Parts(child, "signed attribute");
    const name = oid(parts, "name");
    require(!found.has(name), "A signed attribute of the seal is there twice.");
    found.set(name, onlyChild(parts.take(SET, "value"), "signed attribute"));
    parts.end();
  }
  return found;
}

function attribute(signer, name) {
  const found = signer.attributes.get(name);
  if (!found) throw new Malformed("The seal lacks a signed attribute that PAdES demands.");
  return found;
}

// The certificate that the signed attributes name; the unsigned name beside it must agree.
async function signerCertificate(signer, certificates) {
  const type = expect(attribute(signer, CONTENT_TYPE), OID, "content type").content;
  require(hex(type) === DATA, "The seal says it signs something else than data.");
  const list = new Parts(attribute(signer, SIGNING_CERTIFICATE_V2), "signing certificate");
  const named = new Parts(onlyChild(list.take(SEQUENCE, "list of signing certificates"), "list of signing certificates"), "signing certificate");
  const explicit = named.takeIf(SEQUENCE);
  const algorithm = explicit ? readDigest(explicit) : "SHA-256";
  const wanted = named.take(OCTET_STRING, "certificate hash").content;
  for (const certificate of certificates) {
    if (!same(await digestOf(algorithm, certificate.raw), wanted)) continue;
    const sid = new Parts(signer.sid, "signer's name");
    const issuer = sid.take(SEQUENCE, "issuer").raw;
    const serial = sid.take(INTEGER, "serial number").content;
    sid.end();
    if (!same(issuer, certificate.issuer) || !same(serial, certificate.serial)) {
      throw new CertificateError("The seal names two different certificates as its signer's.");
    }
    return certificate;
  }
  throw new CertificateError("The certificate that the seal names is not in it.");
}
