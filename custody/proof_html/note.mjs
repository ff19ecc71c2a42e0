// The head of the log: a C2SP signed note over three lines (tlog-checkpoint). Who signs it is note_keys.mjs's.

import { hex, same, unb64, unb64Hash, utf8 } from "./bytes.mjs";
import { Malformed, require } from "./errors.mjs";
import { EMPTY_ROOT, MAX_SIZE } from "./merkle.mjs";

// Which part it is, the Python verifier says.
const FORM = "A note is not three lines, an empty line and signature lines.";

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
  require(fits, FORM);
}

// The three lines, read strictly: {origin, size (BigInt), root}.
export function parseCheckpoint(text) {
  const lines = text.split("\n");
  require(lines.length === 4 && lines[3] === "", FORM);
  const [origin, sizeText, rootText] = lines;
  checkName(origin);
  require(DECIMAL.test(sizeText) && BigInt(sizeText) < MAX_SIZE, FORM);
  const size = BigInt(sizeText);
  const root = unb64Hash(rootText);
  require(size || same(root, EMPTY_ROOT), FORM);
  return { origin, size, root };
}

// Split a signed note into {text, signatures: [{name, keyHash (hex), sig}]}. Verifies nothing.
export function parseNote(note) {
  require(utf8(note).length <= MAX_NOTE, FORM);
  require(!CONTROL.test(note), FORM);
  const gap = note.lastIndexOf("\n\n");
  require(gap > 0 && note.length > gap + 2 && note.endsWith("\n"), FORM);
  const lines = note.slice(gap + 2, -1).split("\n");
  require(lines.length <= MAX_SIGNATURES, FORM);
  return { text: note.slice(0, gap + 1), signatures: lines.map(signatureLine) };
}

function signatureLine(line) {
  const match = SIGNATURE_LINE.exec(line);
  if (!match) throw new Malformed(FORM);
  checkName(match[1]);
  const data = unb64(match[2]);
  require(data.length >= 5, FORM);
  return { name: match[1], keyHash: hex(data.subarray(0, 4)), sig: data.subarray(4) };
}
