// Keys of people, made and opened in the browser. The private key never leaves it unwrapped: the server
// stores only what the passphrase opens (the key-file format "unbroken.key/v1", docs/proof-format.md).

const ITERATIONS = 600000;
const text = new TextEncoder();

export class WrongPassphrase extends Error {
  constructor() {
    super("The passphrase does not open this key.");
  }
}

export function b64(bytes) {
  let out = "";
  for (const byte of new Uint8Array(bytes)) out += String.fromCharCode(byte);
  return btoa(out);
}

export function unb64(value) {
  return Uint8Array.from(atob(value), (c) => c.charCodeAt(0));
}

export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

export async function keyidOf(spki) {
  return b64(await sha256(spki)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

async function wrappingKey(passphrase, salt, iterations, usage) {
  const material = await crypto.subtle.importKey("raw", text.encode(passphrase.normalize("NFC")), "PBKDF2", false, [
    "deriveKey",
  ]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, [usage]);
}

// Make a P-256 key and wrap it; returns the key file as a plain object.
export async function makeKey(passphrase) {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const spki = new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", pair.privateKey);
  const keyid = await keyidOf(spki);
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const wrapper = await wrappingKey(passphrase, salt, ITERATIONS, "encrypt");
  const how = { name: "AES-GCM", iv: nonce, additionalData: text.encode(keyid) };
  const wrapped = await crypto.subtle.encrypt(how, wrapper, pkcs8);
  return {
    format: "unbroken.key/v1",
    keyid,
    alg: "ES256",
    spki: b64(spki),
    kdf: { name: "PBKDF2-SHA256", salt: b64(salt), iterations: ITERATIONS },
    cipher: { name: "AES-256-GCM", nonce: b64(nonce) },
    wrapped: b64(wrapped),
  };
}

// Open a wrapped key; the result can sign and cannot be exported.
export async function openKey(file, passphrase) {
  const wrapper = await wrappingKey(passphrase, unb64(file.kdf.salt), file.kdf.iterations, "decrypt");
  const how = { name: "AES-GCM", iv: unb64(file.cipher.nonce), additionalData: text.encode(file.keyid) };
  let pkcs8;
  try {
    pkcs8 = await crypto.subtle.decrypt(how, wrapper, unb64(file.wrapped));
  } catch {
    throw new WrongPassphrase();
  }
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  return crypto.subtle.importKey("pkcs8", pkcs8, curve, false, ["sign"]);
}

// Sign and return DER, the form that records carry.
export async function signDer(key, message) {
  const raw = new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, message));
  const r = integer(raw.slice(0, 32));
  const s = integer(raw.slice(32));
  return Uint8Array.from([0x30, r.length + s.length, ...r, ...s]);
}

function integer(bytes) {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const body = [...bytes.slice(start)];
  if (body[0] & 0x80) body.unshift(0);
  return [0x02, body.length, ...body];
}
