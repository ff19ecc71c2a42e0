// One log entry: a payload and its signatures (DSSE v1). What is signed is PAE(payloadType, payload); a passkey's
// signature comes with the two messages it was made over.

import { concat, utf8 } from "./bytes.mjs";
import { isMap, loadsText } from "./canonical.mjs";
import { BadSignature, require } from "./errors.mjs";
import { array, data, exactly, keyid, text } from "./members.mjs";
import { verifySigner } from "./passkey.mjs";
import { MAX_PAYLOAD } from "./records.mjs";

// Which part it is, the Python verifier says.
const FORM = "A log entry is not in its form.";

export const RECORD = "application/vnd.unbroken.custody-record+json";
export const MAP_HEAD = "application/vnd.unbroken.custody-map-head+json";
const MAX_SIGNATURES = 8;
const ASSERTION = ["authenticatorData", "clientDataJSON"];

export const pae = (type, payload) => concat(utf8(`DSSEv1 ${utf8(type).length} ${type} ${payload.length} `), payload);

// Open the text of an entry strictly: {type, payload, signatures: [{keyid, sig}]}. Verifies no signature.
export function parseEntry(entry) {
  const parts = exactly(loadsText(entry), ["payload", "payloadType", "signatures"]);
  const type = text(parts.payloadType);
  require(type === RECORD || type === MAP_HEAD, FORM);
  const payload = data(parts.payload);
  require(payload.length <= MAX_PAYLOAD, FORM);
  const signatures = array(parts.signatures).map(signature);
  require(signatures.length >= 1 && signatures.length <= MAX_SIGNATURES, FORM);
  require(new Set(signatures.map((one) => one.keyid)).size === signatures.length, FORM);
  return { type, payload, signatures };
}

function signature(value) {
  const byPasskey = isMap(value) && ASSERTION.some((name) => Object.hasOwn(value, name));
  const parts = exactly(value, ["keyid", "sig", ...(byPasskey ? ASSERTION : [])]);
  const sig = data(parts.sig);
  require(sig.length, FORM);
  const assertion = byPasskey && {
    authenticatorData: data(parts.authenticatorData),
    clientData: data(parts.clientDataJSON),
  };
  return { keyid: keyid(parts.keyid), sig, assertion };
}

// Return if every listed signature verifies under the key of its key id. `keyOf` gives a key or nothing; `sites`
// are those where passkeys may be used.
export async function verifySignatures(envelope, keyOf, sites = []) {
  const message = pae(envelope.type, envelope.payload);
  for (const signature of envelope.signatures) {
    const key = keyOf(signature.keyid);
    if (!key) throw new BadSignature(`The key ${signature.keyid} is not known.`);
    await verifySigner(key, signature, message, sites);
  }
}
