// The signed statement: one custody record, and the map head. Read strictly, in canonical bytes.

import { same, utf8, ZEROS } from "./bytes.mjs";
import { dumps, isMap, loads } from "./canonical.mjs";
import { require } from "./errors.mjs";
import { readEnrolled, readRevoked, readRoots, readSuspected } from "./enrolment.mjs";
import { checkOrder, destroyedOpenings, erasedEntries } from "./erasure.mjs";
import { array, count, data, exactly, hash32, keyid, text, time, uuid, word } from "./members.mjs";
import { EMPTY_ROOT } from "./merkle.mjs";
import { checkName, parseCheckpoint } from "./note.mjs";
import { sha256 } from "./sha256.mjs";
import { ABOUT_THE_LOG, CASE_OPTIONAL, TYPES } from "./vocabulary.mjs";

// Which part it is, the Python verifier says.
const FORM = "A record is not in its form.";

const VERSION = 1;
export const MAX_PAYLOAD = 16_384;
const OPENING_DEPTH = 3; // a bundle is a map with a list of openings, which are maps
const FIELD = /^[a-z][a-z0-9_.-]{0,63}$/;
const MEMBERS = ["v", "log", "type", "time", "nonce", "actor", "subjects", "seen", "refs", "claims"];

// The members beyond those every record has, by type.
const EXTRA = {
  genesis: { roots: readRoots, policy: (value) => text(value) },
  "key.register": { key: readEnrolled },
  "key.revoke": { key: readRevoked },
  "key.suspect": { key: readSuspected },
  "policy.update": { policy: (value) => text(value) },
  anchor: { token, checkpoint },
  erasure: { openings: destroyedOpenings, erased: erasedEntries },
};

// What a commitment commits to: SHA-256 over salt, hash of the field and canonical bytes of the value.
export function commitment({ field, salt, value }) {
  return sha256(utf8("custody-commit/v1\n"), salt, sha256(utf8(field)), dumps(value, OPENING_DEPTH));
}

export function parseRecord(payload) {
  const value = load(payload);
  const type = word("type" in value ? value.type : "", TYPES);
  const extra = EXTRA[type] || {};
  const hasCase = Object.hasOwn(value, "case");
  exactly(value, [...MEMBERS, ...Object.keys(extra), ...(hasCase ? ["case"] : [])]);
  const record = {
    type,
    case: hasCase ? uuid(value.case) : null,
    subjects: array(value.subjects).map(subject),
    extra: {},
  };
  checkAbout(record);
  for (const [name, read] of Object.entries(extra)) record.extra[name] = read(value[name]);
  if (type === "erasure") checkOrder(record.extra);
  version(value.v);
  record.log = origin(value.log);
  record.time = time(value.time);
  require(data(value.nonce).length === 16, FORM);
  record.actor = keyid(value.actor);
  record.seen = seen(value.seen);
  record.refs = array(value.refs).map((part) => hash32(part));
  record.claims = claims(value.claims);
  record.enrols = type === "genesis" ? record.extra.roots : type === "key.register" ? [record.extra.key] : [];
  record.controls =
    type === "key.revoke" ? [record.extra.key] : type === "key.suspect" ? [record.extra.key.keyid] : record.enrols.map((key) => key.keyid);
  return record;
}

export function parseMapHead(payload) {
  const value = exactly(load(payload), ["v", "log", "type", "size", "root"]);
  version(value.v);
  require(value.type === "map.head", FORM);
  return { log: origin(value.log), size: count(value.size), root: hash32(value.root) };
}

function load(payload) {
  require(payload.length <= MAX_PAYLOAD, FORM);
  const value = loads(payload);
  require(isMap(value), FORM);
  return value;
}

function version(value) {
  require(count(value) === VERSION, FORM);
}

function origin(value) {
  checkName(text(value));
  return value;
}

function subject(value) {
  const parts = exactly(value, ["item", "seq", "prev"]);
  const seq = count(parts.seq);
  const prev = hash32(parts.prev);
  const right = seq !== 0 && (seq === 1) === same(prev, ZEROS);
  require(right, FORM);
  return { item: uuid(parts.item), seq, prev };
}

function checkAbout({ type, case: id, subjects }) {
  const log = ABOUT_THE_LOG.includes(type);
  require(!log || (id === null && !subjects.length), FORM);
  require(id !== null || log || CASE_OPTIONAL.includes(type), FORM);
  require(new Set(subjects.map((one) => one.item)).size === subjects.length, FORM);
}

function seen(value) {
  const parts = exactly(value, ["size", "root"]);
  const head = { size: count(parts.size), root: hash32(parts.root) };
  require(head.size || same(head.root, EMPTY_ROOT), FORM);
  return head;
}

function claims(value) {
  require(isMap(value), FORM);
  const named = Object.keys(value).every((field) => FIELD.test(field));
  require(named, FORM);
  return new Map(Object.entries(value).map(([field, part]) => [field, hash32(part)]));
}

function token(value) {
  require(data(value).length, FORM);
  return value;
}

function checkpoint(value) {
  parseCheckpoint(text(value));
  return value;
}
