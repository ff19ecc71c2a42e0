// Read the proof bundle, custody-proof.json: a closed schema in canonical bytes. Proves nothing.

import { b64, utf8 } from "./bytes.mjs";
import { isMap, loads } from "./canonical.mjs";
import { require } from "./errors.mjs";
import { array, count, data, exactly, hash32, keyid, text, uuid, word } from "./members.mjs";
import { MAX_NOTE, characters } from "./note.mjs";
import { KEY_BITS, NAMESPACES, POLICY_ID } from "./prefix_map.mjs";

// Which part it is, the Python verifier says.
const FORM = "A part of the bundle is not in its form.";

export const FORMAT = "unbroken.custody-bundle/v1";
export const FILE_NAME = "custody-proof.json";
export const MAX_BUNDLE = 64 * 1024 * 1024;
const MAX_ENTRIES = 25_000;
const MAX_ENTRY = 65_535;
const MAX_PROOF = 64;
const MAX_TOKEN = 64 * 1024;
const MAX_ANCHORS = 1_000;

export function parseBundle(bytes) {
  require(bytes.length <= MAX_BUNDLE, FORM);
  const value = exactly(loads(bytes), ["format", "checkpoint", "entries", "map", "seen", "anchors", "openings"]);
  require(value.format === FORMAT, FORM);
  const checkpoint = text(value.checkpoint);
  require(characters(checkpoint) <= MAX_NOTE, FORM);
  const list = (part, read) => array(part).map(read);
  require(!(value.entries.length > MAX_ENTRIES), FORM);
  const parts = {
    checkpoint,
    entries: list(value.entries, entry),
    maps: list(value.map, map),
    seen: list(value.seen, seenHead),
    openings: list(value.openings, opening),
    anchors: list(value.anchors, anchor),
  };
  require(parts.anchors.length <= MAX_ANCHORS, FORM);
  once(parts.maps, (part) => `${part.ns} ${part.id}`);
  once(parts.seen, (part) => `${part.size} ${b64(part.root)}`);
  once(parts.openings, (part) => `${part.index} ${part.field}`);
  return parts;
}

function entry(value) {
  if (isMap(value) && Object.hasOwn(value, "leaf")) {
    const parts = exactly(value, ["index", "leaf", "withheld", "proof"]);
    const { order } = exactly(parts.withheld, ["order"]);
    return {
      index: place(parts.index),
      leaf: hash32(parts.leaf),
      order: place(order),
      proof: proof(parts.proof),
    };
  }
  const parts = exactly(value, ["index", "data", "proof"]);
  const bytes = utf8(text(parts.data));
  require(bytes.length <= MAX_ENTRY, FORM);
  return { index: place(parts.index), data: parts.data, bytes, proof: proof(parts.proof) };
}

function map(value) {
  const ends = isMap(value) && Object.hasOwn(value, "terminal");
  const parts = exactly(value, ["ns", "id", "siblings", ...(ends ? ["terminal"] : [])]);
  const ns = word(parts.ns, NAMESPACES);
  const id = mapId(ns, parts.id);
  const siblings = array(parts.siblings).map((one) => hash32(one));
  require(siblings.length <= KEY_BITS, FORM);
  return { ns, id, mapId: `${ns} ${id}`, siblings, terminal: ends ? terminal(parts.terminal) : null };
}

function mapId(ns, value) {
  if (ns === "policy") {
    require(value === POLICY_ID, FORM);
    return value;
  }
  return (ns.startsWith("key") ? keyid : uuid)(value);
}

function terminal(value) {
  const parts = exactly(value, ["key", "count", "acc"]);
  return {
    key: hash32(parts.key),
    count: count(parts.count),
    acc: hash32(parts.acc),
  };
}

function seenHead(value) {
  const parts = exactly(value, ["size", "root", "proof"]);
  require(parts.size !== 0, FORM);
  return { size: place(parts.size), root: hash32(parts.root), proof: proof(parts.proof) };
}

function anchor(value) {
  const parts = exactly(value, ["checkpoint", "token", "proof"]);
  const token = data(parts.token);
  require(token.length <= MAX_TOKEN, FORM);
  return { checkpoint: text(parts.checkpoint), token, proof: proof(parts.proof) };
}

function opening(value) {
  const parts = exactly(value, ["index", "field", "salt", "value"]);
  const salt = hash32(parts.salt);
  return { index: place(parts.index), field: text(parts.field), salt, value: parts.value };
}

const place = (value) => count(value);

function proof(value) {
  const hashes = array(value);
  require(hashes.length <= MAX_PROOF, FORM);
  return hashes.map((one) => hash32(one));
}

function once(parts, key) {
  require(new Set(parts.map(key)).size === parts.length, FORM);
}
