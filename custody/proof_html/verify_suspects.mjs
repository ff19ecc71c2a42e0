// Step 6, keys that may have been in other hands: which of their records are shown to be older than that? The thief
// states any time, and whoever keeps the log may help. So others must vouch for a record's age: an outside time
// stamp, or a person with a key that is not suspected, who states a time before and names the record or had seen a
// head over it. The service does not vouch: its key is the keeper's.

import { b64 } from "./bytes.mjs";

export function checkSuspects(reading, keyring, windows, audit) {
  const vouch = vouchers(reading, keyring);
  for (const entry of reading.records) {
    const { record, index } = entry;
    const history = keyring.find(record.actor);
    const since = history?.suspectSince ?? null;
    if (since === null) continue;
    const { notAfter } = windows.get(index);
    const vouched = (notAfter !== null && notAfter < since) || vouch(entry, since, history.key.person);
    if (record.time >= since || !vouched) audit.add("key-suspect", { t: new Date(since).toISOString().slice(0, 10) }, index);
  }
}

// A function (entry, since, person): whether anybody but this person shows that the entry is older than this time.
function vouchers(reading, keyring) {
  const said = [];
  for (const { record } of reading.records) {
    const history = keyring.find(record.actor);
    if (!history || (history.suspectSince ?? null) !== null || history.key.roles.includes("service")) continue;
    said.push({ record, person: history.key.person });
  }
  said.sort((one, other) => one.record.time - other.record.time);
  // The two persons who named a record first, as the one they answer or the one before theirs.
  const naming = new Map();
  // After each: the largest head of one person, and the largest of any other, for nobody vouches for themselves.
  const largest = [{ first: 0n, whose: null, second: 0n }];
  for (const { record, person } of said) {
    largest.push(larger(largest[largest.length - 1], BigInt(record.seen.size), person));
    for (const leaf of [...record.refs, ...record.subjects.map((subject) => subject.prev)].map(b64)) {
      if (!naming.has(leaf)) naming.set(leaf, new Map());
      const named = naming.get(leaf);
      if (named.size < 2 && !named.has(person)) named.set(person, record.time);
    }
  }
  return ({ index, leaf }, since, person) => {
    if ([...(naming.get(b64(leaf)) || [])].some(([who, time]) => time < since && who !== person)) return true;
    let low = 0;
    for (let high = said.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (said[middle].record.time < since) low = middle + 1;
      else high = middle;
    }
    const { first, whose, second } = largest[low];
    return BigInt(index) < (whose === person ? second : first);
  };
}

const larger = ({ first, whose, second }, size, person) => {
  if (person === whose) return { first: size > first ? size : first, whose, second };
  if (size > first) return { first: size, whose: person, second: first };
  return { first, whose, second: size > second ? size : second };
};
