// The objects of a PDF that matter for a proof: dictionaries, and the streams that follow them. A scan of the
// whole file, not a PDF reader: an object counts wherever it stands, replaced ones too; a dictionary with a key
// twice is refused. Values: {name}, {ref}, {string}, {word}, numbers, arrays, Maps.

import { latin1 } from "./bytes.mjs";
import { Malformed, require } from "./errors.mjs";
import { inflate } from "./inflate.mjs";

const MAX_DICTIONARY = 256 * 1024;
const MAX_NESTING = 20;
const MAX_OBJECTS = 200_000;
const WINDOW = 8 * 1024;
const SPACE = " \t\r\n\f\0";
const DELIMITERS = "()<>[]{}/%";
const HEADER = /(?<![0-9])([0-9]{1,10})[ \t\r\n\f\0]+([0-9]{1,5})[ \t\r\n\f\0]+obj(?![A-Za-z0-9])/g;
// Only objects with one of these near their beginning are read; pages and structure elements are passed over.
const INTERESTING = /stream|Filespec|\/EF|\/ObjStm|#/;
const NUMBER = /^[+-]?[0-9]{1,18}$/;
const REFERENCE = /([0-9]{1,10})[ \t\r\n\f\0]+([0-9]{1,5})[ \t\r\n\f\0]+R(?![A-Za-z0-9])/y;
const REGULAR = /[^ \t\r\n\f\0()<>[\]{}/%]*/y;
const LINE_END = /[\r\n]/g;
const ESCAPE = /\\(?:([0-7]{1,3})|\r\n|([^])|$)/g;
// A backslash before any other character is dropped, before a line end both are (ISO 32000-1, 7.3.4.2).
const ESCAPES = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f", "\n": "", "\r": "" };

const UNPACK = "An embedded file of the PDF cannot be unpacked in exactly one way.";
const READ = "A dictionary of the PDF cannot be read in exactly one way.";
const texts = new WeakMap();

// The file as text, one character for each byte; made once.
export function textOf(pdf) {
  if (!texts.has(pdf)) texts.set(pdf, latin1(pdf));
  return texts.get(pdf);
}

// Every object that may be, hold or name an embedded file: {reference, dictionary, body}.
export function objectsOf(text) {
  const found = [];
  let count = 0;
  for (const header of text.matchAll(HEADER)) {
    require(count++ < MAX_OBJECTS, `The PDF has more than ${MAX_OBJECTS} objects.`);
    const start = new Scanner(text, header.index + header[0].length).skipSpace();
    const near = text.slice(start, start + WINDOW);
    const end = near.indexOf("endobj");
    if (!near.startsWith("<<") || !INTERESTING.test(end < 0 ? near : near.slice(0, end))) continue;
    const scanner = new Scanner(text, start);
    const dictionary = scanner.dictionary(0);
    found.push({ reference: referenceName(header), dictionary, body: bodyAt(text, scanner.skipSpace()) });
  }
  return found;
}

const referenceName = (match) => `${Number(match[1])} ${Number(match[2])}`;

export const isType = ({ dictionary }, name) => dictionary.get("Type")?.name === name;

// Count a name in the raw file, in every spelling PDF has for it, where `before` follows.
export function occurrences(text, name, before = "") {
  const spelled = [...name].map((letter) => {
    const digits = letter.charCodeAt(0).toString(16);
    const anyCase = digits.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
    return `(?:${letter}|#${anyCase})`;
  });
  const pattern = new RegExp(`/${spelled.join("")}(?![^ \\t\\r\\n\\f\\0()<>\\[\\]{}/%])${before}`, "g");
  let count = 0;
  while (pattern.exec(text)) count++;
  return count;
}

// The content of a stream, inflated if need be.
export function streamData(pdf, { dictionary, body }, limit) {
  const text = textOf(pdf);
  const length = dictionary.get("Length");
  const stated = body !== null && Number.isInteger(length) && length >= 0 && length <= pdf.length;
  require(stated, UNPACK);
  const raw = pdf.subarray(body, body + length);
  const after = text.slice(body + length, body + length + 12);
  require(/^[ \t\r\n\f\0]*endstream/.test(after), UNPACK);
  require(!dictionary.has("DecodeParms"), UNPACK);
  const filter = dictionary.get("Filter");
  if (filter === undefined && raw.length <= limit) return raw;
  const flate = filter?.name === "FlateDecode" || (Array.isArray(filter) && filter.length === 1 && filter[0].name === "FlateDecode");
  require(flate, UNPACK);
  const { data, used } = inflate(raw, limit);
  const follows = raw.subarray(used).some((byte) => !SPACE.includes(String.fromCharCode(byte)));
  require(!follows, UNPACK);
  return data;
}

function bodyAt(text, position) {
  if (!text.startsWith("stream", position)) return null;
  if (text.startsWith("\r\n", position + 6)) return position + 8;
  if (text.startsWith("\n", position + 6)) return position + 7;
  throw new Malformed("A stream of the PDF does not begin on a line of its own.");
}

// Reads one dictionary, from its << to its >>.
class Scanner {
  constructor(text, start) {
    this.text = text;
    this.at = start;
    this.end = Math.min(text.length, start + MAX_DICTIONARY);
  }

  // Go to the next token, over white space and comments; return its place.
  skipSpace() {
    while (this.at < this.end) {
      if (SPACE.includes(this.text[this.at])) this.at++;
      else if (this.text[this.at] === "%") this.at = this.lineEnd();
      else break;
    }
    return this.at;
  }

  lineEnd() {
    LINE_END.lastIndex = this.at;
    const found = LINE_END.exec(this.text);
    return found ? found.index : this.end;
  }

  dictionary(depth) {
    this.take("<<");
    const found = new Map();
    while (!this.accept(">>")) {
      const key = this.value(depth + 1);
      const fresh = key?.name !== undefined && !found.has(key.name);
      require(fresh, READ);
      found.set(key.name, this.value(depth + 1));
    }
    return found;
  }

  value(depth) {
    require(depth <= MAX_NESTING, READ);
    const start = this.skipSpace();
    require(start < this.end, READ);
    if (this.text.startsWith("<<", start)) return this.dictionary(depth);
    const first = this.text[start];
    if (first === "[") return this.array(depth);
    if (first === "/") return this.name();
    if (first === "(") return this.literal();
    if (first === "<") return this.hexadecimal();
    return this.word();
  }

  array(depth) {
    this.take("[");
    const found = [];
    while (!this.accept("]")) found.push(this.value(depth + 1));
    return found;
  }

  name() {
    const raw = this.regular(this.at + 1);
    this.at += 1 + raw.length;
    return { name: raw.replace(/#([0-9A-Fa-f]{2})/g, (_, digits) => String.fromCharCode(parseInt(digits, 16))) };
  }

  // A string in parentheses, which may hold others; a backslash takes its successor along.
  literal() {
    let depth = 1;
    for (let at = this.at + 1; at < this.end; at++) {
      const letter = this.text[at];
      if (letter === "(") depth++;
      else if (letter === "\\") at++;
      else if (letter === ")" && --depth === 0) {
        const raw = this.text.slice(this.at + 1, at);
        this.at = at + 1;
        return { string: raw.replace(ESCAPE, unescape) };
      }
    }
    throw new Malformed(READ);
  }

  hexadecimal() {
    const end = this.text.slice(this.at, this.end).indexOf(">");
    const digits = this.text.slice(this.at + 1, this.at + end).replace(/[ \t\r\n\f\0]/g, "");
    require(end >= 0 && /^[0-9A-Fa-f]*$/.test(digits), READ);
    this.at += end + 1;
    return { string: (digits + "0".repeat(digits.length % 2)).replace(/../g, (pair) => String.fromCharCode(parseInt(pair, 16))) };
  }

  word() {
    REFERENCE.lastIndex = this.at;
    const reference = REFERENCE.exec(this.text);
    if (reference && REFERENCE.lastIndex <= this.end) {
      this.at = REFERENCE.lastIndex;
      return { ref: referenceName(reference) };
    }
    const raw = this.regular(this.at);
    require(raw, READ);
    this.at += raw.length;
    return NUMBER.test(raw) ? Number(raw) : { word: raw };
  }

  regular(start) {
    REGULAR.lastIndex = start;
    return REGULAR.exec(this.text)[0].slice(0, Math.max(0, this.end - start));
  }

  accept(token) {
    if (!this.text.startsWith(token, this.skipSpace())) return false;
    this.at += token.length;
    return true;
  }

  take(token) {
    require(this.accept(token), READ);
  }
}

function unescape(_, octal, letter = "") {
  if (octal) return String.fromCharCode(parseInt(octal, 8) & 0xff);
  return ESCAPES[letter] ?? letter;
}
