// Compare two proofs of the same log: is the smaller log the beginning of the larger, or are they a fork?
// Inclusion proofs carry hashes of whole subtrees, so two bundles often say enough about each other.

import { b64, same } from "./bytes.mjs";
import { NotIncluded } from "./errors.mjs";
import { EMPTY_ROOT, leftSize, nodeHash, verifyConsistency } from "./merkle.mjs";

// "consistent", "fork" or "unknown". Each side is {reading, checkpoint} and has passed steps 1 to 3.
export function relation(one, other) {
  const [small, large] = one.checkpoint.size <= other.checkpoint.size ? [one, other] : [other, one];
  const head = small.checkpoint;
  if (head.size === large.checkpoint.size) return same(head.root, large.checkpoint.root) ? "consistent" : "fork";
  const largeSpans = spans(large);
  for (const [span, node] of spans(small)) {
    if (largeSpans.has(span) && !same(largeSpans.get(span), node)) return "fork";
  }
  const roots = large.reading.parts.seen.filter((seen) => BigInt(seen.size) === head.size && isProven(seen, large)).map((seen) => seen.root);
  const computed = head.size ? rootOf(0n, head.size, largeSpans) : EMPTY_ROOT;
  if (computed) roots.push(computed);
  if (!roots.length) return "unknown";
  return roots.every((root) => b64(root) === b64(head.root)) ? "consistent" : "fork";
}

// Whether a seen head is a beginning of the log; what is only stated could hide a fork, or feign one.
function isProven(seen, { checkpoint }) {
  try {
    verifyConsistency(seen.size, seen.root, checkpoint.size, checkpoint.root, seen.proof);
    return true;
  } catch (error) {
    if (!(error instanceof NotIncluded)) throw error;
    return false;
  }
}

// The hash of every subtree that the bundle's inclusion proofs determine: "start end" -> hash.
function spans({ reading, checkpoint }) {
  const found = new Map();
  for (const { index, leaf, proof } of reading.entries) {
    const path = siblingsOf(BigInt(index), checkpoint.size).reverse();
    let start = BigInt(index);
    let end = start + 1n;
    let node = leaf;
    found.set(`${start} ${end}`, node);
    path.forEach(([left, right], at) => {
      found.set(`${left} ${right}`, proof[at]);
      node = left < start ? nodeHash(proof[at], node) : nodeHash(node, proof[at]);
      start = left < start ? left : start;
      end = right > end ? right : end;
      found.set(`${start} ${end}`, node);
    });
  }
  return found;
}

// The siblings of a leaf from the root down, as spans of leaves.
function siblingsOf(index, size) {
  let start = 0n;
  let end = size;
  const found = [];
  while (end - start > 1n) {
    const middle = start + leftSize(end - start);
    if (index < middle) {
      found.push([middle, end]);
      end = middle;
    } else {
      found.push([start, middle]);
      start = middle;
    }
  }
  return found;
}

// The hash over [start, end) from known subtrees; null if one is missing.
function rootOf(start, end, known) {
  const found = known.get(`${start} ${end}`);
  if (found || end - start === 1n) return found || null;
  const middle = start + leftSize(end - start);
  // The right part first: in the log of that size it is the smaller one, and the one that is rarely known.
  const right = rootOf(middle, end, known);
  const left = right && rootOf(start, middle, known);
  return left && nodeHash(left, right);
}
