// Members of parsed JSON as what they should be. Each function returns the value or throws Malformed.

import { b64url, unb64, unb64Hash } from "./bytes.mjs";
import { isMap } from "./canonical.mjs";
import { Malformed, require } from "./errors.mjs";

const FORM = "A member is missing, too much, or not of its kind.";

const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/;

// A map that has these members and no others.
export function exactly(value, names) {
  require(isMap(value), FORM);
  const found = Object.keys(value);
  const odd = [...found.filter((name) => !names.includes(name)), ...names.filter((name) => !found.includes(name))];
  require(!odd.length, FORM);
  return value;
}

export function text(value) {
  require(typeof value === "string", FORM);
  return value;
}

// A whole number that is not negative.
export function count(value) {
  require(Number.isSafeInteger(value) && value >= 0, FORM);
  return value;
}

export function flag(value) {
  require(typeof value === "boolean", FORM);
  return value;
}

export function array(value) {
  require(Array.isArray(value), FORM);
  return value;
}

export const data = (value) => unb64(text(value));

export const hash32 = (value) => unb64Hash(text(value));

export function keyid(value) {
  const name = text(value);
  let bytes = [];
  try {
    bytes = unb64(`${name.replace(/-/g, "+").replace(/_/g, "/")}=`);
  } catch {
    // said below
  }
  require(bytes.length === 32 && b64url(bytes) === name, FORM);
  return name;
}

export function uuid(value) {
  require(UUID4.test(text(value)), FORM);
  return value;
}

// One word of a closed set.
export function word(value, words) {
  require(words.includes(text(value)), FORM);
  return value;
}

// A time, in milliseconds since 1970.
export function time(value) {
  require(TIME.test(text(value)), FORM);
  const moment = Date.parse(value);
  const exists = !Number.isNaN(moment) && formatTime(moment) === value && !value.startsWith("0000");
  if (!exists) throw new Malformed("A day or hour does not exist.");
  return moment;
}

export const formatTime = (moment) => new Date(moment).toISOString().replace(/\.\d+Z$/, "Z");
