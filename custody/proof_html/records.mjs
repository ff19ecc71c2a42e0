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

const VERSION = 1;
export const MAX_PAYLOAD = 16_384;
const OPENING_DEPTH = 3; // a bundle is a map with a list of openings, which are maps
const FIELD = /^[a-z][a-z0-9_.-]{0,63}$/;
const MEMBERS = ["v", "log", "type", "time", "nonce", "actor", "subjects", "seen", "refs", "claims"];

// The members beyond those every record has, by type.
const EXTRA = {
  genesis: { roots: readRoots, policy: (value) => text(value, "policy") },
  "key.register": { key: readEnrolled },
  "key.revoke": { key: readRevoked },
  "key.suspect": { key: readSuspected },
  "policy.update": { policy: (value) => text(value, "policy") },
  anchor: { token, checkpoint },
  erasure: { openings: destroyedOpenings, erased: erasedEntries },
};

// What a commitment commits to: SHA-256 over salt, hash of the field and canonical bytes of the value.
export function commitment({ field, salt, value }) {
  return sha256(utf8("custody-commit/v1\n"), salt, sha256(utf8(field)), dumps(value, OPENING_DEPTH));
}

export function parseRecord(payload) {
  const value = load(payload);
  const type = word("type" in value ? value.type : "", TYPES, "type of a record");
  const extra = EXTRA[type] || {};
  const hasCase = Object.hasOwn(value, "case");
  exactly(value, [...MEMBERS, ...Object.keys(extra), ...(hasCase ? ["case"] : [])], "record");
  const record = {
    type,
    case: hasCase ? uuid(value.case, "case") : null,
    subjects: array(value.subjects, "list of subjects").map(subject),
    extra: {},
  };
  checkAbout(record);
  for (const [name, read] of Object.entries(extra)) record.extra[name] = read(value[name]);
  if (type === "erasure") checkOrder(record.extra);
  version(value.v);
  record.log = origin(value.log);
  record.time = time(value.time, "time of a record");
  require(data(value.nonce, "nonce").length === 16, "The nonce of a record does not have 16 bytes.");
  record.actor = keyid(value.actor, "actor");
  record.seen = seen(value.seen);
  record.refs = array(value.refs, "list of references").map((part) => hash32(part, "reference"));
  record.claims = claims(value.claims);
  record.enrols = type === "genesis" ? record.extra.roots : type === "key.register" ? [record.extra.key] : [];
  record.controls =
    type === "key.revoke" ? [record.extra.key] : type === "key.suspect" ? [record.extra.key.keyid] : record.enrols.map((key) => key.keyid);
  return record;
}

export function parseMapHead(payload) {
  const value = exactly(load(payload), ["v", "log", "type", "size", "root"], "map head");
  version(value.v);
  require(value.type === "map.head", "A map head is not of the type map.head.");
  return { log: origin(value.log), size: count(value.size, "size of a map head"), root: hash32(value.root, "root of a map head") };
}

function load(payload) {
  require(payload.length <= MAX_PAYLOAD, `A payload is larger than ${MAX_PAYLOAD} bytes.`);
  const value = loads(payload);
  require(isMap(value), "A payload is not a map.");
  return value;
}

function version(value) {
  require(count(value, "version") === VERSION, `The version of a record is not ${VERSION}.`);
}

function origin(value) {
  checkName(text(value, "log of a record"));
  return value;
}

function subject(value) {
  const parts = exactly(value, ["item", "seq", "prev"], "subject");
  const seq = count(parts.seq, "number of a subject");
  const prev = hash32(parts.prev, "previous entry of a subject");
  const right = seq !== 0 && (seq === 1) === same(prev, ZEROS);
  require(right, "A subject is number 1 exactly when it has no previous entry.");
  return { item: uuid(parts.item, "item"), seq, prev };
}

function checkAbout({ type, case: id, subjects }) {
  const log = ABOUT_THE_LOG.includes(type);
  require(!log || (id === null && !subjects.length), `A record of type ${type} is about the log and can have no case and no item.`);
  require(id !== null || log || CASE_OPTIONAL.includes(type), `A record of type ${type} needs a case.`);
  require(new Set(subjects.map((one) => one.item)).size === subjects.length, "A record names an item twice.");
}

function seen(value) {
  const parts = exactly(value, ["size", "root"], "seen log head");
  const head = { size: count(parts.size, "seen size"), root: hash32(parts.root, "seen root") };
  require(head.size || same(head.root, EMPTY_ROOT), "A seen log head of size 0 has a root that is not the empty one.");
  return head;
}

function claims(value) {
  require(isMap(value), "The claims of a record are not a map.");
  const named = Object.keys(value).every((field) => FIELD.test(field));
  require(named, "The name of a claim is not a lower-case word of the schema.");
  return new Map(Object.entries(value).map(([field, part]) => [field, hash32(part, "commitment")]));
}

function token(value) {
  require(data(value, "time stamp token").length, "A time stamp token is empty.");
  return value;
}

function checkpoint(value) {
  parseCheckpoint(text(value, "anchored checkpoint"));
  return value;
}
