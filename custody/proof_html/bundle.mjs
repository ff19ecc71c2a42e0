// Read the proof bundle, custody-proof.json: a closed schema in canonical bytes. Proves nothing.

import { b64, utf8 } from "./bytes.mjs";
import { isMap, loads } from "./canonical.mjs";
import { require } from "./errors.mjs";
import { array, count, data, exactly, hash32, keyid, text, uuid, word } from "./members.mjs";
import { MAX_NOTE, characters } from "./note.mjs";
import { KEY_BITS, NAMESPACES, POLICY_ID } from "./prefix_map.mjs";

export const FORMAT = "unbroken.custody-bundle/v1";
export const FILE_NAME = "custody-proof.json";
export const MAX_BUNDLE = 64 * 1024 * 1024;
const MAX_ENTRIES = 25_000;
const MAX_ENTRY = 65_535;
const MAX_PROOF = 64;
const MAX_TOKEN = 64 * 1024;
const MAX_ANCHORS = 1_000;

export function parseBundle(bytes) {
  require(bytes.length <= MAX_BUNDLE, `The bundle is larger than ${MAX_BUNDLE} bytes.`);
  const value = exactly(loads(bytes), ["format", "checkpoint", "entries", "map", "seen", "anchors", "openings"], "bundle");
  require(value.format === FORMAT, `The bundle is not of the format ${FORMAT}.`);
  const checkpoint = text(value.checkpoint, "checkpoint");
  require(characters(checkpoint) <= MAX_NOTE, `The checkpoint is longer than ${MAX_NOTE} characters.`);
  const list = (part, read, what) => array(part, `list of ${what}`).map(read);
  require(!(value.entries.length > MAX_ENTRIES), `The bundle has more than ${MAX_ENTRIES} entries.`);
  const parts = {
    checkpoint,
    entries: list(value.entries, entry, "entries"),
    maps: list(value.map, map, "map proofs"),
    seen: list(value.seen, seenHead, "seen heads"),
    openings: list(value.openings, opening, "openings"),
    anchors: list(value.anchors, anchor, "anchors"),
  };
  require(parts.anchors.length <= MAX_ANCHORS, `The bundle has more than ${MAX_ANCHORS} time stamps.`);
  once(parts.maps, (part) => `${part.ns} ${part.id}`, "map proof");
  once(parts.seen, (part) => `${part.size} ${b64(part.root)}`, "seen head");
  once(parts.openings, (part) => `${part.index} ${part.field}`, "opening");
  return parts;
}

function entry(value) {
  if (isMap(value) && Object.hasOwn(value, "leaf")) {
    const parts = exactly(value, ["index", "leaf", "withheld", "proof"], "withheld entry");
    const { order } = exactly(parts.withheld, ["order"], "order of a withheld entry");
    return {
      index: place(parts.index),
      leaf: hash32(parts.leaf, "leaf of a withheld entry"),
      order: place(order),
      proof: proof(parts.proof),
    };
  }
  const parts = exactly(value, ["index", "data", "proof"], "entry");
  const bytes = utf8(text(parts.data, "data of an entry"));
  require(bytes.length <= MAX_ENTRY, `An entry is larger than ${MAX_ENTRY} bytes.`);
  return { index: place(parts.index), data: parts.data, bytes, proof: proof(parts.proof) };
}

function map(value) {
  const ends = isMap(value) && Object.hasOwn(value, "terminal");
  const parts = exactly(value, ["ns", "id", "siblings", ...(ends ? ["terminal"] : [])], "map proof");
  const ns = word(parts.ns, NAMESPACES, "namespace of a map proof");
  const id = mapId(ns, parts.id);
  const siblings = array(parts.siblings, "list of siblings").map((one) => hash32(one, "sibling"));
  require(siblings.length <= KEY_BITS, `A map proof has more than ${KEY_BITS} siblings.`);
  return { ns, id, mapId: `${ns} ${id}`, siblings, terminal: ends ? terminal(parts.terminal) : null };
}

function mapId(ns, value) {
  if (ns === "policy") {
    require(value === POLICY_ID, "A map proof of the log's policy has another id than the one there is.");
    return value;
  }
  return (ns.startsWith("key") ? keyid : uuid)(value, "id of a map proof");
}

function terminal(value) {
  const parts = exactly(value, ["key", "count", "acc"], "terminal of a map proof");
  return {
    key: hash32(parts.key, "key of a terminal"),
    count: count(parts.count, "count of a terminal"),
    acc: hash32(parts.acc, "accumulator of a terminal"),
  };
}

function seenHead(value) {
  const parts = exactly(value, ["size", "root", "proof"], "seen head");
  require(parts.size !== 0, "A seen head of size 0 is shown as if it could be proven.");
  return { size: place(parts.size), root: hash32(parts.root, "root"), proof: proof(parts.proof) };
}

function anchor(value) {
  const parts = exactly(value, ["checkpoint", "token", "proof"], "anchor");
  const token = data(parts.token, "time stamp token");
  require(token.length <= MAX_TOKEN, `A time stamp token is larger than ${MAX_TOKEN} bytes.`);
  return { checkpoint: text(parts.checkpoint, "anchored checkpoint"), token, proof: proof(parts.proof) };
}

function opening(value) {
  const parts = exactly(value, ["index", "field", "salt", "value"], "opening");
  const salt = hash32(parts.salt, "salt of an opening");
  return { index: place(parts.index), field: text(parts.field, "field"), salt, value: parts.value };
}

const place = (value) => count(value, "place in the log");

function proof(value) {
  const hashes = array(value, "proof");
  require(hashes.length <= MAX_PROOF, `A proof has more than ${MAX_PROOF} hashes.`);
  return hashes.map((one) => hash32(one, "hash of a proof"));
}

function once(parts, key, what) {
  require(new Set(parts.map(key)).size === parts.length, `The bundle has a ${what} twice.`);
}
