// Bytes as text and back: UTF-8, hexadecimal, canonical base64. Hashes are Uint8Arrays of 32 bytes.

import { Malformed } from "./errors.mjs";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const CHUNK = 8192; // String.fromCharCode takes so many arguments everywhere

export const ZEROS = new Uint8Array(32);

export const utf8 = (text) => encoder.encode(text);

export function fromUtf8(bytes) {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Malformed("The bytes are not text in UTF-8.");
  }
}

// One character for each byte, so that regular expressions can search a file.
export function latin1(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; at += CHUNK) parts.push(String.fromCharCode.apply(null, bytes.subarray(at, at + CHUNK)));
  return parts.join("");
}

export function fromLatin1(text) {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function same(one, other) {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export const fromHex = (digits) => Uint8Array.from(digits.match(/../g) || [], (pair) => parseInt(pair, 16));

export const b64 = (bytes) => btoa(latin1(bytes));

// Read canonical base64: only what b64() would write. Decoders accept several spellings of the same bytes.
export function unb64(text) {
  let data;
  try {
    data = atob(text);
  } catch {
    throw new Malformed("A value that should be base64 is not.");
  }
  if (btoa(data) !== text) throw new Malformed("A base64 value is not written in its canonical form.");
  return fromLatin1(data);
}

export function unb64Hash(text) {
  const data = unb64(text);
  if (data.length !== 32) throw new Malformed(`A hash has ${data.length} bytes instead of 32.`);
  return data;
}

export const b64url = (bytes) => b64(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// An unsigned 64-bit number, big-endian; takes a whole Number or a BigInt.
export function uint64(number) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(number));
  return bytes;
}
