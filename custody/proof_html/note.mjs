// The head of the log: a C2SP signed note over three lines (tlog-checkpoint). Who signs it is note_keys.mjs's.

import { hex, same, unb64, unb64Hash, utf8 } from "./bytes.mjs";
import { Malformed, require } from "./errors.mjs";
import { EMPTY_ROOT, MAX_SIZE } from "./merkle.mjs";

export const MAX_NOTE = 160 * 1024;
const MAX_SIGNATURES = 32;
const MAX_NAME = 255;
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
