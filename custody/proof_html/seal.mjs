// The seal of a PDF report: one signature over every byte of the file but its own hexadecimal digits. That the
// report is unchanged since it was sealed is all it says; what happened to the evidence is proven by the bundle.

import { fromLatin1 } from "./bytes.mjs";
import { CertificateError, chainOf, commonName, fingerprint } from "./certificate.mjs";
import { DigestError, checkCms } from "./cms.mjs";
import { readFirst } from "./der.mjs";
import { BadSignature, Found, Malformed, ProofError } from "./errors.mjs";
import { textOf } from "./pdf_objects.mjs";
import { checkSealStamp } from "./timestamp.mjs";

const BYTE_RANGE =
  /\/ByteRange[ \t\r\n\f\0]*\[[ \t\r\n\f\0]*([0-9]{1,12})[ \t\r\n\f\0]+([0-9]{1,12})[ \t\r\n\f\0]+([0-9]{1,12})[ \t\r\n\f\0]+([0-9]{1,12})[ \t\r\n\f\0]*\]/g;
// One case throughout: a digit whose case was changed would be a changed byte that changes nothing.
const DIGITS = /^<((?:[0-9a-f]{2})+|(?:[0-9A-F]{2})+)>$/;
const MAX_CMS = 64 * 1024;

// {name, pinned, revision0 (the bytes before the seal), stamp (of an authority, or null)}. Throws Found with the code of what is wrong.
export async function checkSeal(pdf, pins) {
  const [start, end] = gap(pdf);
  const message = messageIn(textOf(pdf).slice(start, end));
  try {
    const { signer, certificates, stamp, signature } = await checkCms(message, pdf.subarray(0, start), pdf.subarray(end));
    const chain = await chainOf(signer, certificates);
    if (pins.length && !chain.some((one) => pins.includes(fingerprint(one)))) {
      throw new CertificateError("The seal was made with a certificate that the policy does not pin.");
    }
    const name = commonName(signer) ?? "without a name";
    return { name, pinned: pins.length > 0, revision0: revision0(pdf, start), stamp: stamp && (await stampOf(stamp, signature)) };
  } catch (error) {
    if (error instanceof Found) throw error;
    throw new Found(codeOf(error), { d: error.message });
  }
}

function codeOf(error) {
  if (error instanceof Malformed) return "seal-malformed";
  if (error instanceof DigestError) return "seal-digest";
  if (error instanceof CertificateError) return "seal-certificate";
  if (error instanceof BadSignature) return "seal-signature";
  throw error;
}

async function stampOf(token, signature) {
  try {
    return await checkSealStamp(token, signature);
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    throw new Found("seal-stamp", { d: error.message });
  }
}

// The only part of the file that the seal does not cover.
function gap(pdf) {
  const ranges = [...textOf(pdf).matchAll(BYTE_RANGE)].map((match) => match.slice(1, 5).map(Number));
  if (!ranges.length) throw new Found("seal-missing");
  // Words in the report may look like a byte range; the seal is the one from first byte to last.
  const whole = ranges.filter(([a, b, c, d]) => a === 0 && b < c && c + d === pdf.length);
  if (new Set(whole.map(([, b, c]) => `${b} ${c}`)).size !== 1) throw new Found("seal-range");
  return whole[0].slice(1, 3);
}

// The CMS message from the gap; what is left of the reserved space must be zeros.
function messageIn(digits) {
  const match = digits.length <= 2 * MAX_CMS + 2 && DIGITS.exec(digits);
  if (!match) throw new Found("seal-range", { d: "The part that the seal leaves out is not the seal itself." });
  const reserved = fromLatin1(match[1].replace(/../g, (pair) => String.fromCharCode(parseInt(pair, 16))));
  let message;
  try {
    message = readFirst(reserved).raw;
  } catch (error) {
    throw new Found("seal-malformed", { d: error.message });
  }
  if (reserved.subarray(message.length).some(Boolean)) throw new Found("seal-malformed", { d: "Something is hidden behind the seal." });
  return message;
}

// The PDF before the seal: up to the end of the last revision before it.
function revision0(pdf, start) {
  const text = textOf(pdf);
  const mark = text.lastIndexOf("%%EOF", start);
  if (mark < 0) return null;
  return pdf.subarray(0, mark + 5 + /^(\r\n|\r|\n)?/.exec(text.slice(mark + 5, mark + 7))[0].length);
}
