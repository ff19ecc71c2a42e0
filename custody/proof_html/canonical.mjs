// Canonical JSON: RFC 8785 (JCS) in the narrow profile of the format. Strings, whole numbers within 2^53-1,
// booleans, lists, and maps with ASCII names; no floats, no null, no lone surrogates, at most 32 levels.

import { fromUtf8, utf8 } from "./bytes.mjs";
import { Malformed } from "./errors.mjs";

const MAX_DEPTH = 32;
const SURROGATE = /\p{Surrogate}/u;
const NOT_ASCII = /[^\0-\x7f]/;

export const isMap = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

function text(value) {
  if (SURROGATE.test(value)) throw new Malformed("A text has half a character.");
  return JSON.stringify(value); // writes strings as RFC 8785 asks for: that is where its rules come from
}

function write(value, depth) {
  if (depth > MAX_DEPTH) throw new Malformed(`JSON is nested deeper than ${MAX_DEPTH} levels.`);
  if (typeof value === "string") return text(value);
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new Malformed("A number is not a whole number within 2^53-1.");
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map((part) => write(part, depth + 1)).join(",")}]`;
  if (!isMap(value)) throw new Malformed("A null has no place in signed bytes.");
  const names = Object.keys(value).sort();
  if (names.some((name) => NOT_ASCII.test(name))) throw new Malformed("A member name is not an ASCII string.");
  return `{${names.map((name) => `${text(name)}:${write(value[name], depth + 1)}`).join(",")}}`;
}

// Write the canonical bytes; `inside` is how many levels of other JSON the value stands in, elsewhere.
export const dumps = (value, inside = 0) => utf8(write(value, inside));

// Read canonical text: writing the result again must give the same. That one comparison also refuses doubled
// names, spaces, other escapes, other orders and other spellings of a number.
export function loadsText(source) {
  let value;
  try {
    value = JSON.parse(source);
  } catch {
    throw new Malformed("The bytes are not JSON in UTF-8.");
  }
  if (write(value, 0) !== source) throw new Malformed("The JSON is not in its canonical form (RFC 8785).");
  return value;
}

export const loads = (bytes) => loadsText(fromUtf8(bytes));
