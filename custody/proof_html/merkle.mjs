// Proofs that a hash is in the log, and that one log begins another (RFC 9162, 2.1.3.2 and 2.1.4.2).
// Indices and sizes are taken as Number or BigInt: a head may state a size up to 2^63-1.

import { same } from "./bytes.mjs";
import { NotIncluded } from "./errors.mjs";
import { sha256 } from "./sha256.mjs";

export const MAX_SIZE = 1n << 63n;
export const EMPTY_ROOT = sha256();
const PROOF = "A proof has a hash too many or too few, or one of another length.";
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export const leafHash = (entry) => sha256(LEAF, entry);

export const nodeHash = (left, right) => sha256(NODE, left, right);

function refuseOtherLengths(...hashes) {
  if (hashes.some((hash) => hash.length !== 32)) throw new NotIncluded(PROOF);
}

export function verifyInclusion(leaf, index, size, proof, root) {
  refuseOtherLengths(leaf, root, ...proof);
  let place = BigInt(index);
  let last = BigInt(size) - 1n;
  if (place < 0n || place > last || last >= MAX_SIZE - 1n) throw new NotIncluded(`Entry ${index} cannot be in a log of ${size} entries.`);
  let node = leaf;
  for (const sibling of proof) {
    if (!last) throw new NotIncluded(PROOF);
    if (place & 1n || place === last) {
      node = nodeHash(sibling, node);
      while (!(place & 1n) && place) {
        // on the right edge, levels without a sibling are skipped
        place >>= 1n;
        last >>= 1n;
      }
    } else {
      node = nodeHash(node, sibling);
    }
    place >>= 1n;
    last >>= 1n;
  }
  if (last) throw new NotIncluded(PROOF);
  if (!same(node, root)) throw new NotIncluded(`Entry ${index} is not the one the log has at this place.`);
}

// From size 0 everything would be consistent, so such a proof says nothing and is an error.
export function verifyConsistency(oldSize, oldRoot, newSize, newRoot, proof) {
  refuseOtherLengths(oldRoot, newRoot, ...proof);
  const from = BigInt(oldSize);
  const to = BigInt(newSize);
  if (from <= 0n || from > to || to >= MAX_SIZE) throw new NotIncluded(`No consistency proof leads from size ${from} to size ${to}.`);
  if (from === to) {
    if (proof.length || !same(oldRoot, newRoot)) {
      throw new NotIncluded("Two logs of the same size have different roots, or a proof where none is due.");
    }
    return;
  }
  const path = from & (from - 1n) ? proof : [oldRoot, ...proof]; // a power of two is its own first node
  if (!path.length) throw new NotIncluded(PROOF);
  const [oldNode, newNode] = climb(from, to, path);
  if (!same(oldNode, oldRoot)) throw new NotIncluded(`The log that was seen at size ${from} is not the beginning of this one.`);
  if (!same(newNode, newRoot)) throw new NotIncluded("A consistency proof does not lead to the root of the log.");
}

function climb(from, to, path) {
  let place = from - 1n;
  let last = to - 1n;
  while (place & 1n) {
    place >>= 1n;
    last >>= 1n;
  }
  let oldNode = path[0];
  let newNode = path[0];
  for (const node of path.slice(1)) {
    if (!last) throw new NotIncluded(PROOF);
    if (place & 1n || place === last) {
      oldNode = nodeHash(node, oldNode);
      newNode = nodeHash(node, newNode);
      while (!(place & 1n) && place) {
        place >>= 1n;
        last >>= 1n;
      }
    } else {
      newNode = nodeHash(newNode, node);
    }
    place >>= 1n;
    last >>= 1n;
  }
  if (last) throw new NotIncluded(PROOF);
  return [oldNode, newNode];
}

// The largest power of two below the width: how many leaves RFC 9162 puts into the left subtree.
export function leftSize(width) {
  let size = 1n;
  while (size * 2n < width) size *= 2n;
  return size;
}
