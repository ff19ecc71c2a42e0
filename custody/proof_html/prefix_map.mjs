// What the map says about one item, case or key (format, section 3): how many log entries, and which.

import { concat, same, uint64, utf8, ZEROS } from "./bytes.mjs";
import { NotIncluded } from "./errors.mjs";
import { sha256 } from "./sha256.mjs";

export const NAMESPACES = ["item", "case", "keyctl", "keyuse", "policy"];
export const POLICY_ID = "log"; // the one id under `policy`
export const KEY_BITS = 256;
const LEAF = Uint8Array.of(0x10);
const NODE = Uint8Array.of(0x11);
const STEP = Uint8Array.of(0x12);

export const mapkey = (ns, id) => sha256(utf8(`custody-map/v1\n${ns}\n${id}`));

const mnode = (left, right) => sha256(NODE, left, right);

// (count, acc) of entries in ascending order of their indices.
export function accumulateAll(indices) {
  let acc = ZEROS;
  for (const index of indices) acc = sha256(STEP, acc, uint64(index));
  return { count: indices.length, acc };
}

const bit = (key, place) => (key[place >> 3] >> (7 - (place & 7))) & 1;

// The (count, acc) that the map of this root has for the key; (0, zeros) if the key is proven absent.
export function verifyProof(key, { siblings, terminal }, root) {
  const depth = siblings.length;
  if (depth > KEY_BITS) throw new NotIncluded("A map proof is too long.");
  // One leaf is a subtree by itself.
  if (depth && same(siblings[depth - 1], ZEROS)) throw new NotIncluded("A map proof goes deeper than its subtree.");
  let node = ZEROS;
  if (terminal) {
    for (let place = 0; place < depth; place++) {
      if (bit(terminal.key, place) !== bit(key, place)) {
        throw new NotIncluded("A map proof ends at a leaf that does not lie on the path of its key.");
      }
    }
    if (terminal.count < 1) throw new NotIncluded("A leaf of the map has an impossible count.");
    node = sha256(concat(LEAF, terminal.key, uint64(terminal.count), terminal.acc));
  }
  for (let place = depth - 1; place >= 0; place--) {
    node = bit(key, place) ? mnode(siblings[place], node) : mnode(node, siblings[place]);
  }
  if (!same(node, root)) throw new NotIncluded("A map proof does not lead to the root of the map.");
  return terminal && same(terminal.key, key) ? { count: terminal.count, acc: terminal.acc } : { count: 0, acc: ZEROS };
}
