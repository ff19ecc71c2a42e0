// Make keyfile.json: a key file as a browser makes it, with WebCrypto only (node tests/vectors/keyfile.mjs > …).
// Fresh key, salt and nonce each time, so it is run once and its output frozen.

const b64 = (bytes) => Buffer.from(bytes).toString("base64");
const b64url = (bytes) => Buffer.from(bytes).toString("base64url");
const utf8 = new TextEncoder();

const passphrase = "cafe\u0301 au lait, 4 sucres"; // e and accent apart: the key file takes the NFC form
const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
const spki = new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));
const pkcs8 = await crypto.subtle.exportKey("pkcs8", pair.privateKey);
const keyid = b64url(await crypto.subtle.digest("SHA-256", spki));

const salt = crypto.getRandomValues(new Uint8Array(16));
const nonce = crypto.getRandomValues(new Uint8Array(12));
const iterations = 600000;
const secret = await crypto.subtle.importKey("raw", utf8.encode(passphrase.normalize("NFC")), "PBKDF2", false, ["deriveKey"]);
const lock = await crypto.subtle.deriveKey(
  { name: "PBKDF2", hash: "SHA-256", salt, iterations }, secret, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
const wrapped = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce, additionalData: utf8.encode(keyid) }, lock, pkcs8);

console.log(JSON.stringify({
  passphrase,
  keyfile: {
    format: "unbroken.key/v1", keyid, alg: "ES256", spki: b64(spki),
    kdf: { name: "PBKDF2-SHA256", salt: b64(salt), iterations },
    cipher: { name: "AES-256-GCM", nonce: b64(nonce) },
    wrapped: b64(wrapped),
  },
}, null, 1));
