// What an `erasure` record orders: whose openings are destroyed, and which entries lose their bytes. What an erased
// entry was about is said here, by map keys; the map itself shows whether that is true.

import { hex } from "./bytes.mjs";
import { require } from "./errors.mjs";
import { array, count, exactly, hash32, text } from "./members.mjs";

<<<<<<< HEAD
=======
// Which part it is, the Python verifier says.
const FORM = "An order of erasure is not in its form.";

>>>>>>> 63bf2a3e5bb7d6fd977d7b7ff6117cee95bd0816
const MAX_KEYS = 64;

const ascends = (values) => values.every((value, at) => !at || values[at - 1] < value);

// The member `openings`: set of the indices of entries whose claims lose their openings.
export function destroyedOpenings(value) {
<<<<<<< HEAD
  const indices = array(value, "list of destroyed openings").map((part) => {
    const parts = exactly(part, ["index", "fields"], "destroyed opening");
    const names = array(parts.fields, "list of claims").map((one) => text(one, "name of a claim"));
    const right = names.length && ascends(names.map(codePoints));
    require(right, "The claims of a destroyed opening are missing or not in alphabetical order.");
    return count(parts.index, "index of an entry");
  });
  require(ascends(indices), "The entries whose openings are destroyed are not in ascending order.");
=======
  const indices = array(value).map((part) => {
    const parts = exactly(part, ["index", "fields"]);
    const names = array(parts.fields).map((one) => text(one));
    const right = names.length && ascends(names.map(codePoints));
    require(right, FORM);
    return count(parts.index);
  });
  require(ascends(indices), FORM);
>>>>>>> 63bf2a3e5bb7d6fd977d7b7ff6117cee95bd0816
  return new Set(indices);
}

// The member `erased`: index of each entry -> its map keys (hexadecimal).
export function erasedEntries(value) {
<<<<<<< HEAD
  const found = array(value, "list of erased entries").map((part) => {
    const parts = exactly(part, ["index", "keys"], "erased entry");
    const keys = array(parts.keys, "list of map keys").map((one) => hex(hash32(one, "map key")));
    const right = keys.length <= MAX_KEYS && ascends(keys);
    require(right, "The map keys of an erased entry are too many or not in ascending order.");
    return [count(parts.index, "index of an erased entry"), new Set(keys)];
  });
  require(ascends(found.map(([index]) => index)), "The erased entries are not in ascending order.");
=======
  const found = array(value).map((part) => {
    const parts = exactly(part, ["index", "keys"]);
    const keys = array(parts.keys).map((one) => hex(hash32(one)));
    const right = keys.length <= MAX_KEYS && ascends(keys);
    require(right, FORM);
    return [count(parts.index), new Set(keys)];
  });
  require(ascends(found.map(([index]) => index)), FORM);
>>>>>>> 63bf2a3e5bb7d6fd977d7b7ff6117cee95bd0816
  return new Map(found);
}

export function checkOrder({ openings, erased }) {
<<<<<<< HEAD
  require(openings.size || erased.size, "An order of erasure names no entry.");
  const twice = [...openings].some((index) => erased.has(index));
  require(!twice, "An order of erasure names an entry twice; with its bytes go all its openings.");
=======
  require(openings.size || erased.size, FORM);
  const twice = [...openings].some((index) => erased.has(index));
  require(!twice, FORM);
>>>>>>> 63bf2a3e5bb7d6fd977d7b7ff6117cee95bd0816
}

// A text such that the order of texts is that of code points, not of halves of UTF-16.
const codePoints = (text) => [...text].map((letter) => letter.codePointAt(0).toString(16).padStart(6, "0")).join("");
