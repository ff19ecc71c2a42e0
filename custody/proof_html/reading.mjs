// Step 1: read a bundle, its entries and their payloads strictly. Every entry is a record, a map head, or
// withheld by order; later steps work on what comes out and never on the bytes again.

import { parseBundle } from "./bundle.mjs";
import { MAP_HEAD, parseEntry } from "./envelope.mjs";
import { Malformed, require } from "./errors.mjs";
import { leafHash } from "./merkle.mjs";
import { POLICY_ID } from "./prefix_map.mjs";
import { parseMapHead, parseRecord } from "./records.mjs";

// What a record, being entry number `index`, is about: the keys of the map it counts under.
function keysOf(record, index) {
  // Anywhere else, a genesis record would bring in keys nobody enrolled.
  require((record.type === "genesis") === (index === 0), "The first entry of a log, and only it, is its genesis record.");
  const keys = record.subjects.map((subject) => `item ${subject.item}`);
  if (record.case !== null) keys.push(`case ${record.case}`);
  if (record.subjects.length) keys.push(`keyuse ${record.actor}`);
  if (record.type === "policy.update") keys.push(`policy ${POLICY_ID}`);
  return [...keys, ...record.controls.map((keyid) => `keyctl ${keyid}`)];
}

function readEntry(part) {
  const { index, proof } = part;
  if (part.leaf) return { kind: "withheld", index, proof, leaf: part.leaf, order: part.order };
  const envelope = parseEntry(part.data);
  const leaf = leafHash(part.bytes);
  if (envelope.type === MAP_HEAD) return { kind: "head", index, proof, leaf, envelope, head: parseMapHead(envelope.payload) };
  const record = parseRecord(envelope.payload);
  return { kind: "record", index, proof, leaf, envelope, record, about: keysOf(record, index) };
}

function group(records) {
  const about = new Map(); // map id -> its records, in the order of the bundle
  for (const entry of records) {
    for (const id of entry.about) {
      if (!about.has(id)) about.set(id, []);
      about.get(id).push(entry);
    }
  }
  return about;
}

// null if the bundle, or any entry of it, is not in the format.
export async function read(bytes, audit, breathe) {
  let parts;
  try {
    parts = parseBundle(bytes);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    audit.add("bundle-malformed", { d: error.message });
    return null;
  }
  const entries = [];
  for (const part of parts.entries) {
    await breathe?.(1, entries.length, parts.entries.length);
    try {
      entries.push(readEntry(part));
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      audit.add("entry-malformed", { d: error.message }, part.index);
    }
  }
  if (audit.failed(1)) return null;
  audit.passed(1, "read", { n: entries.length });
  const of = (kind) => entries.filter((entry) => entry.kind === kind);
  const records = of("record");
  return {
    parts,
    entries,
    records,
    heads: of("head"),
    withheld: of("withheld"),
    at: new Map(entries.map((entry) => [entry.index, entry])),
    about: group(records),
  };
}
