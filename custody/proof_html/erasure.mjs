// What an `erasure` record orders: whose openings are destroyed, and which entries lose their bytes. What an erased
// entry was about is said here, by map keys; the map itself shows whether that is true.

import { hex } from "./bytes.mjs";
import { require } from "./errors.mjs";
import { array, count, exactly, hash32, text } from "./members.mjs";

// Which part it is, the Python verifier says.
const FORM = "An order of erasure is not in its form.";

const MAX_KEYS = 64;

const ascends = (values) => values.every((value, at) => !at || values[at - 1] < value);

// The member `openings`: set of the indices of entries whose claims lose their openings.
export function destroyedOpenings(value) {
  const indices = array(value).map((part) => {
    const parts = exactly(part, ["index", "fields"]);
    const names = array(parts.fields).map((one) => text(one));
    const right = names.length && ascends(names.map(codePoints));
    require(right, FORM);
    return count(parts.index);
  });
  require(ascends(indices), FORM);
  return new Set(indices);
}

// The member `erased`: index of each entry -> its map keys (hexadecimal).
export function erasedEntries(value) {
  const found = array(value).map((part) => {
    const parts = exactly(part, ["index", "keys"]);
    const keys = array(parts.keys).map((one) => hex(hash32(one)));
    const right = keys.length <= MAX_KEYS && ascends(keys);
    require(right, FORM);
    return [count(parts.index), new Set(keys)];
  });
  require(ascends(found.map(([index]) => index)), FORM);
  return new Map(found);
}

export function checkOrder({ openings, erased }) {
  require(openings.size || erased.size, FORM);
  const twice = [...openings].some((index) => erased.has(index));
  require(!twice, FORM);
}

// A text such that the order of texts is that of code points, not of halves of UTF-16.
const codePoints = (text) => [...text].map((letter) => letter.codePointAt(0).toString(16).padStart(6, "0")).join("");
