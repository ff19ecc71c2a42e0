// Members of parsed JSON as what they should be. Each function returns the value or throws Malformed.

import { b64url, unb64, unb64Hash } from "./bytes.mjs";
import { isMap } from "./canonical.mjs";
import { Malformed, require } from "./errors.mjs";

const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/;

// A map that has these members and no others.
export function exactly(value, names, what) {
  require(isMap(value), `A ${what} is not a map.`);
  const found = Object.keys(value);
  const odd = [...found.filter((name) => !names.includes(name)), ...names.filter((name) => !found.includes(name))];
  require(!odd.length, `A ${what} has missing or unknown members: ${odd.sort().join(", ").slice(0, 200)}.`);
  return value;
}

export function text(value, what) {
  require(typeof value === "string", `The ${what} is not a text.`);
  return value;
}

// A whole number that is not negative.
export function count(value, what) {
  require(Number.isSafeInteger(value) && value >= 0, `The ${what} is not a whole number from 0 upwards.`);
  return value;
}

export function flag(value, what) {
  require(typeof value === "boolean", `The ${what} is not true or false.`);
  return value;
}

export function array(value, what) {
  require(Array.isArray(value), `The ${what} is not a list.`);
  return value;
}

export const data = (value, what) => unb64(text(value, what));

export const hash32 = (value, what) => unb64Hash(text(value, what));

export function keyid(value, what) {
  const name = text(value, what);
  let bytes = [];
  try {
    bytes = unb64(`${name.replace(/-/g, "+").replace(/_/g, "/")}=`);
  } catch {
    // said below
  }
  require(bytes.length === 32 && b64url(bytes) === name, "A key id is not the base64url form of one hash.");
  return name;
}

export function uuid(value, what) {
  require(UUID4.test(text(value, what)), `The ${what} is not a random UUID (version 4) in lower case with hyphens.`);
  return value;
}

// One word of a closed set.
export function word(value, words, what) {
  require(words.includes(text(value, what)), `The ${what} is not one this format knows.`);
  return value;
}

// A time, in milliseconds since 1970.
export function time(value, what) {
  require(TIME.test(text(value, what)), `The ${what} is not written as YYYY-MM-DDThh:mm:ssZ.`);
  const moment = Date.parse(value);
  const exists = !Number.isNaN(moment) && formatTime(moment) === value && !value.startsWith("0000");
  if (!exists) throw new Malformed(`The ${what} is a day or hour that does not exist.`);
  return moment;
}

export const formatTime = (moment) => new Date(moment).toISOString().replace(/\.\d+Z$/, "Z");
