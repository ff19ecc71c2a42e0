// Passkeys: keys in security keys, phones and computers, which the browser asks to sign. Their challenge is the
// hash of what is signed, so that a signature is over this record and no other. Talks to the authenticator only.

import { b64, sha256, unb64 } from "./keys.js";

// What the authenticator does not answer; the text is for the person.
export class PasskeyProblem extends Error {}

export function b64url(bytes) {
  return b64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function unb64url(value) {
  return unb64(value.replaceAll("-", "+").replaceAll("_", "/"));
}

export function hasPasskeys() {
  return typeof PublicKeyCredential === "function" && Boolean(navigator.credentials);
}

// Tell whether a page at this address may use passkeys of this domain.
export function worksHere(passkey) {
  return location.hostname === passkey.rp || location.hostname.endsWith(`.${passkey.rp}`);
}

// Browsers say little on purpose, so that no page learns which authenticators somebody has.
const USE = {
  NotAllowedError: "Nothing was signed. You cancelled, it took too long, or the passkey is in another device. Connect the security key or the device that holds it, and try again.",
  SecurityError: "This passkey belongs to another address than this page's. Open the page at the address where the passkey was made.",
  NotSupportedError: "This browser cannot use your passkey. Try another browser, or sign with another key of yours.",
  AbortError: "Nothing was signed: the question was called off. Try again.",
};
const MAKE = {
  NotAllowedError: "No passkey was made. You cancelled, it took too long, or there is no authenticator that could make one. Connect a security key, or set up a screen lock on this device, and try again.",
  InvalidStateError: "This device already holds a passkey of yours for this system. Use that one, or another device.",
  ConstraintError: "This authenticator cannot check that it is you. Set a PIN, a fingerprint or a face on it first.",
  NotSupportedError: "This authenticator makes no key of a kind that can be verified offline (P-256, Ed25519, RSA).",
  SecurityError: "Browsers make no passkeys at this address. They need https and a name, or localhost.",
  AbortError: "No passkey was made: the question was called off. Try again.",
};

async function ask(question, words) {
  if (!hasPasskeys()) throw new PasskeyProblem("This browser has no passkeys here. They need a current browser, and https or localhost.");
  let answer;
  try {
    answer = await question();
  } catch (error) {
    const unknown = `The authenticator did not answer as expected (${error.name}). Try again.`;
    throw new PasskeyProblem(words[error.name] || unknown);
  }
  if (!answer) throw new PasskeyProblem(words.NotAllowedError);
  return answer;
}

const described = ({ id, transports }) => ({ type: "public-key", id: unb64url(id), transports });

// Make a passkey by the server's options; returns what is handed in.
export async function makePasskey(options) {
  const publicKey = {
    ...options,
    challenge: unb64url(options.challenge),
    user: { ...options.user, id: unb64url(options.user.id) },
    excludeCredentials: options.excludeCredentials.map(described),
  };
  const made = await ask(() => navigator.credentials.create({ publicKey }), MAKE);
  return {
    credential: made.id,
    clientDataJSON: b64url(made.response.clientDataJSON),
    attestationObject: b64url(made.response.attestationObject),
    transports: made.response.getTransports?.() || [],
  };
}

// Ask the passkey to sign; `passkey` is what the server keeps of it; `signal` calls the question off. Returns the
// members of the signature.
export async function signWithPasskey(passkey, message, signal) {
  const publicKey = {
    challenge: await sha256(message),
    rpId: passkey.rp,
    allowCredentials: [described({ id: passkey.credential, transports: passkey.transports })],
    userVerification: "required",
    timeout: 180000,
  };
  const { response } = await ask(() => navigator.credentials.get({ publicKey, signal }), USE);
  return {
    signature: b64(response.signature),
    authenticatorData: b64(response.authenticatorData),
    clientDataJSON: b64(response.clientDataJSON),
  };
}
