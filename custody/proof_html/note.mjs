// The head of the log: a C2SP signed note over three lines (tlog-checkpoint), and verifier keys (vkey).

import { concat, hex, unb64, unb64Hash, utf8, b64, same } from "./bytes.mjs";
import { BadSignature, Malformed, require } from "./errors.mjs";
import { ED25519_PREFIX, algorithmOf, keyidOf, verify } from "./keys.mjs";
import { EMPTY_ROOT, MAX_SIZE } from "./merkle.mjs";
import { sha256 } from "./sha256.mjs";

export const MAX_NOTE = 160 * 1024;
const MAX_SIGNATURES = 32;
const MAX_NAME = 255;
const ED25519_TYPE = 1;
const SIGNATURE_LINE = /^\u2014 ([^ ]+) ([^ ]+)$/;
const DECIMAL = /^(0|[1-9][0-9]{0,18})$/;
// Control characters, white space of every script, and the plus that separates the parts of a vkey.
const NOT_IN_A_NAME = /[\0- +\x7f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
const CONTROL = /[\0-\x09\x0b-\x1f]/;

// How many characters a text has, not how many halves of UTF-16 it takes.
export const characters = (text) => text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g) || []).length;

export function checkName(name) {
  const fits = name !== "" && characters(name) <= MAX_NAME && !NOT_IN_A_NAME.test(name);
  require(fits, "A name of a log or key is empty, too long, or has a space, a plus or a control character.");
}

// The three lines, read strictly: {origin, size (BigInt), root}.
export function parseCheckpoint(text) {
  const lines = text.split("\n");
  require(lines.length === 4 && lines[3] === "", "A checkpoint does not have exactly three lines.");
  const [origin, sizeText, rootText] = lines;
  checkName(origin);
  require(DECIMAL.test(sizeText) && BigInt(sizeText) < MAX_SIZE, "The size in a checkpoint is not a whole number.");
  const size = BigInt(sizeText);
  const root = unb64Hash(rootText);
  require(size || same(root, EMPTY_ROOT), "A checkpoint of an empty log has a root that is not the empty one.");
  return { origin, size, root };
}

// Split a signed note into {text, signatures: [{name, keyHash (hex), sig}]}. Verifies nothing.
export function parseNote(note) {
  require(utf8(note).length <= MAX_NOTE, `A note is larger than ${MAX_NOTE} bytes.`);
  require(!CONTROL.test(note), "A note has control characters.");
  const gap = note.lastIndexOf("\n\n");
  require(gap > 0 && note.length > gap + 2 && note.endsWith("\n"), "A note is not a text, an empty line and signature lines.");
  const lines = note.slice(gap + 2, -1).split("\n");
  require(lines.length <= MAX_SIGNATURES, `A note has more than ${MAX_SIGNATURES} signatures.`);
  return { text: note.slice(0, gap + 1), signatures: lines.map(signatureLine) };
}

function signatureLine(line) {
  const match = SIGNATURE_LINE.exec(line);
  if (!match) throw new Malformed("A signature line of a note is not dash, name, signature.");
  checkName(match[1]);
  const data = unb64(match[2]);
  require(data.length >= 5, "A signature of a note is too short.");
  return { name: match[1], keyHash: hex(data.subarray(0, 4)), sig: data.subarray(4) };
}

// A verifier key, name+hash+base64(type || key), as {name, keyHash, spki, keyid}.
export function parseVkey(text) {
  const [name, hash, ...rest] = text.split("+");
  require(rest.length, "A verifier key is not name+hash+key.");
  checkName(name);
  const material = unb64(rest.join("+"));
  require(material[0] === ED25519_TYPE && material.length === 33, "A verifier key is not an Ed25519 note key.");
  const keyHash = hex(sha256(utf8(`${name}\n`), material).subarray(0, 4));
  require(keyHash === hash, "The hash in a verifier key is not the hash of its name and key.");
  const spki = concat(ED25519_PREFIX, material.subarray(1));
  algorithmOf(spki); // refuses points that are no proper key
  return { name, keyHash, spki, keyid: keyidOf(spki), public: b64(material) };
}

// Return if a known key signed the note and every signature of a known key verifies. Signatures of other keys
// say nothing and are ignored, as C2SP demands.
export async function verifyNote(note, keys) {
  const known = new Map(keys.map((key) => [`${key.name}\n${key.keyHash}`, key]));
  let count = 0;
  for (const signature of note.signatures) {
    const key = known.get(`${signature.name}\n${signature.keyHash}`);
    if (!key) continue;
    await verify(key.spki, signature.sig, utf8(note.text));
    count += 1;
  }
  if (!count) throw new BadSignature("No known key signed the note.");
}
