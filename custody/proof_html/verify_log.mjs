// Steps 3 to 5: every entry is in the log, the log has signed its map, and nothing wanted is left out.

import { b64, hex, same } from "./bytes.mjs";
import { pae, verifySignatures } from "./envelope.mjs";
import { BadSignature, Malformed, NotIncluded } from "./errors.mjs";
import { verifyInclusion } from "./merkle.mjs";
import { parsePolicy } from "./policy.mjs";
import { accumulateAll, mapkey, verifyProof } from "./prefix_map.mjs";
import { sha256 } from "./sha256.mjs";
import { logKeys } from "./verify_head.mjs";

const LISTED = 20; // items and cases that are named one by one

export async function attempt(kinds, act, otherwise) {
  try {
    return await act();
  } catch (error) {
    if (!kinds.some((kind) => error instanceof kind)) throw error;
    return otherwise(error.message, error);
  }
}

// The policy that the log states about itself: the newest policy.update, else genesis.
export function ownPolicy(reading, audit) {
  const stated = reading.records.filter(({ record }) => record.type === "genesis" || record.type === "policy.update").pop();
  if (!stated) {
    audit.add("checkpoint-policy", {}, null, "no-own-policy");
    return null;
  }
  return attempt(
    [Malformed],
    () => parsePolicy(stated.record.extra.policy),
    (d) => audit.add("checkpoint-policy", { d }) || null,
  );
}

// (3) Ascending indices, inclusion of each entry, the log's own name in each.
export async function checkEntries(reading, checkpoint, audit, breathe) {
  let last = -1;
  let done = 0;
  for (const { index, leaf, proof } of reading.entries) {
    await breathe?.(3, done++, reading.entries.length);
    if (index <= last) audit.add("entry-order", {}, index);
    last = index;
    try {
      verifyInclusion(leaf, index, checkpoint.size, proof, checkpoint.root);
    } catch (error) {
      if (!(error instanceof NotIncluded)) throw error;
      audit.add("entry-not-included", { d: error.message }, index);
    }
  }
  // Two entries at one place are told above; here each place is named once.
  const names = new Map(reading.records.map(({ index, record }) => [index, record.log]));
  for (const { index, head } of reading.heads) names.set(index, head.log);
  for (const [index, name] of names) if (name !== checkpoint.origin) audit.add("entry-other-log", { o: name }, index);
  checkWithheld(reading, audit);
  audit.passed(3, "entries", { n: reading.entries.length });
}

// (3) No record is in the log twice: whoever keeps the log could bring back what was withdrawn since. Signatures do
// not count: an ECDSA signature has a twin that anybody can compute.
export function checkRepeats(reading, audit) {
  const first = new Map();
  for (const { index, leaf, envelope } of reading.entries) {
    const marks = [leaf, ...(envelope ? [sha256(pae(envelope.type, envelope.payload))] : [])].map(b64);
    const again = marks.find((mark) => first.has(mark) && first.get(mark) !== index);
    for (const mark of marks) if (!first.has(mark)) first.set(mark, index);
    if (again) audit.add("entry-repeated", { i: first.get(again) }, index);
  }
}

function checkWithheld(reading, audit) {
  for (const entry of reading.withheld) {
    const { index, order } = entry;
    if (orderedKeys(reading, entry)) audit.add("entry-withheld", { i: index, o: order }, index);
    else audit.add("withheld-without-order", { i: index }, index);
  }
}

// The map keys that the order says the entry was about; nothing if no order names it.
function orderedKeys(reading, { index, order }) {
  const by = reading.at.get(order);
  const isOrder = by?.kind === "record" && by.record.type === "erasure" && by.index > index;
  return isOrder ? by.record.extra.erased.get(index) : undefined;
}

// (4) The last entry is the map head over all before it, signed by the log. Returns the map's root or null.
export async function checkMapHead(reading, checkpoint, policy, audit) {
  const keys = new Map(logKeys(policy, checkpoint.origin).map((key) => [key.keyid, key]));
  for (const { index, head, envelope } of reading.heads) {
    if (head.size !== index) audit.add("map-head-invalid", { s: head.size, i: index }, index);
    await attempt(
      [BadSignature],
      () => verifySignatures(envelope, (id) => keys.get(id)),
      (d) => audit.add("map-head-signature", { d }, index),
    );
  }
  const last = reading.at.get(Number(checkpoint.size - 1n));
  if (last?.kind !== "head") {
    audit.add("map-head-missing");
    return null;
  }
  audit.passed(4, "map-head");
  return last.head.root;
}

// (5) Every map proof holds and counts exactly the entries shown; every wanted item and case has one.
// Gives {wanted: [map id], complete: Map of map id -> indices of all its entries}.
export function checkCompleteness(reading, mapRoot, scope, audit) {
  const complete = checkMapProofs(reading, mapRoot, audit);
  const wanted = wantedIds(reading, scope);
  const proven = new Set(reading.parts.maps.map((part) => part.mapId));
  for (const id of wanted) {
    if (!proven.has(id)) audit.add("map-proof-missing", { m: id });
    else if (complete.get(id)?.length === 0) audit.add("scope-empty", { m: id });
  }
  remarkOnTheRest(reading, wanted, scope, audit);
  sayWhatIsComplete(wanted, complete, audit);
  return { wanted, complete };
}

function checkMapProofs(reading, mapRoot, audit) {
  const complete = new Map();
  for (const part of reading.parts.maps) {
    let expected;
    try {
      expected = verifyProof(mapkey(part.ns, part.id), part, mapRoot);
    } catch (error) {
      if (!(error instanceof NotIncluded)) throw error;
      audit.add("map-proof-invalid", { m: part.mapId, d: error.message });
      continue;
    }
    const indices = matching(reading, part, expected);
    if (indices) complete.set(part.mapId, indices);
    else audit.add("entries-missing", { n: expected.count, m: part.mapId, s: (reading.about.get(part.mapId) || []).length });
  }
  return complete;
}

// Those asked for, and those that the bundle claims to be complete about. With a case come its items: their entries could
// otherwise go on under another case.
function wantedIds(reading, scope) {
  const spoken = reading.parts.maps.filter(({ ns }) => ns === "item" || ns === "case").map((part) => part.mapId);
  const found = new Set([...(scope ? [scope] : []), ...spoken]);
  for (const id of [...found]) {
    if (!id.startsWith("case ")) continue;
    for (const { record } of reading.about.get(id) || []) {
      for (const subject of record.subjects) found.add(`item ${subject.item}`);
    }
  }
  return [...found];
}

// The indices, shown or withheld, that have this count and accumulator; null if they have not. What a withheld
// entry was about is said by the order to erase it. A key event or policy is never erased, or an order of erasure
// could hide a revocation.
function matching(reading, { ns, id, mapId }, expected) {
  const indices = (reading.about.get(mapId) || []).map((entry) => entry.index);
  if (ns !== "keyctl" && ns !== "policy") {
    const key = hex(mapkey(ns, id));
    for (const entry of reading.withheld) if (orderedKeys(reading, entry)?.has(key)) indices.push(entry.index);
  }
  indices.sort((one, other) => one - other);
  const { count, acc } = accumulateAll(indices);
  return count === expected.count && same(acc, expected.acc) ? indices : null;
}

function remarkOnTheRest(reading, wanted, scope, audit) {
  if (!wanted.length) audit.add("scope-not-stated");
  const known = new Set(wanted);
  const isAbout = ({ record }) => record.subjects.some((subject) => known.has(`item ${subject.item}`));
  // Who asks for one item of a box knows that the others are not told.
  const told = (id) => scope && reading.about.get(id).every(isAbout);
  const items = [...reading.about.keys()].filter((id) => id.startsWith("item ") && !known.has(id) && !told(id));
  for (const id of items.sort()) audit.add("item-not-covered", { m: id });
}

function sayWhatIsComplete(wanted, complete, audit) {
  const shown = wanted.filter((id) => complete.get(id)?.length);
  const rest = shown.length > LISTED ? shown.length - LISTED : 0;
  for (const id of rest ? shown.slice(0, LISTED) : shown) audit.passed(5, "complete", { m: id, n: complete.get(id).length });
  if (rest) audit.passed(5, "complete-rest", { n: rest });
}
