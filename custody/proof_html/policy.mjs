// A policy: what a reader trusts before reading anything (C2SP tlog-policy, format section 4). Each line may name
// only what stands above it; no key stands in two lines, so that one holder counts once.

import { unb64Hash } from "./bytes.mjs";
import { require } from "./errors.mjs";
import { characters } from "./note.mjs";
import { parseVkey, signedBy } from "./note_keys.mjs";
import { readSite } from "./passkey.mjs";
import { readEnrollers } from "./stated_policy.mjs";

export const MAX_POLICY = 128 * 1024;
const MAX_LINES = 64; // of one kind
const NONE = "none";
const FORM = "A line is missing, doubled, of an unknown kind, or names what is not above it.";
const CONTROL = /[\0-\x08\x0b-\x1f\x7f]/;
const COUNT = /^[1-9][0-9]?$/;
const SHA256_HEX = /^[0-9a-f]{64}$/;

const certificate = (value) => require(SHA256_HEX.test(value), FORM);
// kind of pin -> how often it may stand, of how many words its value consists, what the value must be
const PINS = {
  genesis: [1, 1, unb64Hash],
  seal: [MAX_LINES, 1, certificate],
  tsa: [MAX_LINES, 1, certificate],
  enrolment: [1, 1, readEnrollers],
  webauthn: [MAX_LINES, 2, (value) => readSite(...value.split(" "))],
};

// {logs, genesis, seals, stampers, sites, witnesses: [{name, key}], groups, quorum}
export function parsePolicy(text) {
  require(characters(text) <= MAX_POLICY, `A policy is larger than ${MAX_POLICY} characters.`);
  require(!CONTROL.test(text), "A policy has control characters.");
  const draft = { logs: [], witnesses: [], groups: [], quorums: [], pins: Object.fromEntries(Object.keys(PINS).map((kind) => [kind, []])), grouped: new Set(), names: new Set() };
  for (const line of text.split("\n")) {
    const [kind, ...words] = line.split(/[ \t]+/).filter(Boolean);
    if (kind === undefined || (kind.startsWith("#") && kind !== "#pin")) continue;
    require(Object.hasOwn(LINES, kind), FORM);
    LINES[kind](draft, words);
  }
  return finished(draft);
}

const LINES = {
  log(draft, words) {
    require(words.length === 1 || words.length === 2, FORM);
    draft.logs.push(keyOf(words[0], true));
  },
  witness(draft, words) {
    const fits = words.length === 2 || words.length === 3;
    require(fits, FORM);
    const key = keyOf(words[1], false);
    draft.witnesses.push({ name: fresh(draft, words[0]), key });
  },
  group(draft, words) {
    require(words.length >= 3, FORM);
    const [name, threshold, ...members] = words;
    require(members.every((one) => draft.names.has(one)), FORM);
    const once = new Set(members).size === members.length && !members.some((one) => draft.grouped.has(one));
    require(once, FORM);
    for (const one of members) draft.grouped.add(one);
    draft.groups.push({ name: fresh(draft, name), threshold: thresholdOf(threshold, members.length), members });
  },
  quorum(draft, words) {
    const named = words.length === 1 && (words[0] === NONE || draft.names.has(words[0]));
    require(named, FORM);
    draft.quorums.push(words[0]);
  },
  "#pin"(draft, [kind, ...value]) {
    const known = kind !== undefined && Object.hasOwn(PINS, kind) && value.length === PINS[kind][1];
    require(known, FORM);
    draft.pins[kind].push(value.join(" "));
  },
};

function keyOf(text, ofLog) {
  const key = parseVkey(text);
  require(key.ofLog === ofLog, FORM);
  return key;
}

function fresh(draft, name) {
  require(name !== NONE && !draft.names.has(name), FORM);
  draft.names.add(name);
  return name;
}

function thresholdOf(text, members) {
  const threshold = { all: members, any: 1 }[text] ?? (COUNT.test(text) ? Number(text) : 0);
  require(threshold >= 1 && threshold <= members, FORM);
  return threshold;
}

function finished({ logs, witnesses, groups, quorums, pins }) {
  require(quorums.length === 1, FORM);
  const few = Math.max(logs.length, witnesses.length, groups.length) <= MAX_LINES;
  require(few, FORM);
  const keys = [...logs, ...witnesses.map((one) => one.key)];
  const different = (of) => new Set(keys.map(of)).size === keys.length;
  require(different((key) => key.keyid), FORM);
  require(different((key) => `${key.name}\n${key.keyHash}`), FORM);
  require(new Set(pins.webauthn).size === pins.webauthn.length, FORM);
  for (const [kind, [most, , check]] of Object.entries(PINS)) {
    require(pins[kind].length <= most, FORM);
    pins[kind].forEach(check);
  }
  return {
    logs,
    witnesses,
    groups,
    quorum: quorums[0],
    genesis: pins.genesis.length ? unb64Hash(pins.genesis[0]) : null,
    seals: pins.seal,
    stampers: pins.tsa,
    sites: pins.webauthn.map((value) => readSite(...value.split(" "))),
  };
}

// Which witnesses cosigned the note, and when they say they did: name -> newest time (BigInt). A time of 0 states
// nothing about the newest head; only the log's own key may say so and count.
export async function cosignatures(note, origin, { witnesses }) {
  const times = new Map();
  for (const { key, time } of await signedBy(note, witnesses.map((witness) => witness.key))) {
    const { name } = witnesses.find((witness) => witness.key === key);
    if (time || key.name === origin) times.set(name, time > (times.get(name) ?? 0n) ? time : (times.get(name) ?? 0n));
  }
  return times;
}

// Tell whether these witnesses are the quorum of the policy, or more.
export function isReached({ groups, quorum }, cosigned) {
  const reached = new Set(cosigned);
  for (const { name, threshold, members } of groups) {
    if (members.filter((one) => reached.has(one)).length >= threshold) reached.add(name);
  }
  return quorum === NONE || reached.has(quorum);
}
