// Steps 2 to 5: the signed head of the log, every entry under it, and that nothing wanted is left out.

import { b64, same } from "./bytes.mjs";
import { pae, verifySignatures } from "./envelope.mjs";
import { BadSignature, Malformed, NotIncluded, PolicyError } from "./errors.mjs";
import { verifyInclusion } from "./merkle.mjs";
import { parseCheckpoint, parseNote, verifyNote } from "./note.mjs";
import { parsePolicy } from "./policy.mjs";
import { accumulateAll, mapkey, verifyProof } from "./prefix_map.mjs";
import { sha256 } from "./sha256.mjs";

// Which withheld entries belong to an item is not said anywhere; so many choices are tried before giving up.
const MAX_TRIALS = 2_000;
const LISTED = 20; // items and cases that are named one by one

export async function attempt(kinds, act, otherwise) {
  try {
    return await act();
  } catch (error) {
    if (!kinds.some((kind) => error instanceof kind)) throw error;
    return otherwise(error.message);
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
    [Malformed, PolicyError],
    () => parsePolicy(stated.record.extra.policy),
    (d) => audit.add("checkpoint-policy", { d }) || null,
  );
}

const logKeys = (policy, origin) => policy.logs.filter((key) => key.name === origin);

// (2) Three lines, a known origin, every signature of a known key.
export async function checkCheckpoint(reading, policy, audit) {
  let note;
  let checkpoint;
  try {
    note = parseNote(reading.parts.checkpoint);
    checkpoint = parseCheckpoint(note.text);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    audit.add("checkpoint-malformed", { d: error.message });
    return null;
  }
  const keys = logKeys(policy, checkpoint.origin);
  if (!keys.length) {
    audit.add("checkpoint-origin", { o: checkpoint.origin });
    return checkpoint;
  }
  await attempt([BadSignature], () => verifyNote(note, keys), (d) => audit.add("checkpoint-signature", { d }));
  audit.passed(2, "checkpoint", { o: checkpoint.origin, n: checkpoint.size });
  return checkpoint;
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
  for (const { index, order } of reading.withheld) {
    const by = reading.at.get(order);
    const ordered = by?.kind === "record" && by.record.type === "erasure" && by.index > index && by.record.extra.indices.includes(index);
    if (ordered) audit.add("entry-withheld", { i: index, o: order }, index);
    else audit.add("withheld-without-order", { i: index }, index);
  }
}

// (4) The last entry is the map head over all before it, signed by the log. Returns the map's root or null.
export async function checkMapHead(reading, checkpoint, policy, audit) {
  const keys = new Map(logKeys(policy, checkpoint.origin).map((key) => [key.keyid, key.spki]));
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
  if (!scope) remarkOnTheRest(reading, wanted, audit);
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

// Those asked for or, if none was, those the bundle speaks of. With a case come its items: their entries could
// otherwise go on under another case.
function wantedIds(reading, scope) {
  const spoken = reading.parts.maps.filter(({ ns }) => ns === "item" || ns === "case").map((part) => part.mapId);
  const found = new Set(scope ? [scope] : spoken);
  for (const id of [...found]) {
    if (!id.startsWith("case ")) continue;
    for (const { record } of reading.about.get(id) || []) {
      for (const subject of record.subjects) found.add(`item ${subject.item}`);
    }
  }
  return [...found];
}

// The indices, shown or withheld, that have this count and accumulator; null if none do.
function matching(reading, { ns, mapId }, expected) {
  const fits = (indices) => {
    const { count, acc } = accumulateAll(indices);
    return count === expected.count && same(acc, expected.acc);
  };
  const shown = (reading.about.get(mapId) || []).map((entry) => entry.index);
  if (fits(shown)) return shown;
  if (ns === "keyctl") return null; // a key event is never erased, or an order of erasure could hide a revocation
  const hidden = reading.withheld.map((entry) => entry.index);
  let trials = 0;
  for (const chosen of combinations(hidden, Math.max(0, expected.count - shown.length))) {
    if (trials++ === MAX_TRIALS) return null;
    const indices = [...shown, ...chosen].sort((one, other) => one - other);
    if (fits(indices)) return indices;
  }
  return null;
}

// Every choice of `size` of the items, in the order of their places.
function* combinations(items, size, from = 0) {
  if (!size) {
    yield [];
    return;
  }
  for (let at = from; at + size <= items.length; at++) {
    for (const rest of combinations(items, size - 1, at + 1)) yield [items[at], ...rest];
  }
}

function remarkOnTheRest(reading, wanted, audit) {
  if (!wanted.length) audit.add("scope-not-stated");
  const items = [...reading.about.keys()].filter((id) => id.startsWith("item ") && !wanted.includes(id));
  for (const id of items.sort()) audit.add("item-not-covered", { m: id });
}

function sayWhatIsComplete(wanted, complete, audit) {
  const shown = wanted.filter((id) => complete.get(id)?.length);
  const rest = shown.length > LISTED ? shown.length - LISTED : 0;
  for (const id of rest ? shown.slice(0, LISTED) : shown) audit.passed(5, "complete", { m: id, n: complete.get(id).length });
  if (rest) audit.passed(5, "complete-rest", { n: rest });
}
