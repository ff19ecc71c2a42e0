// Steps 6 to 9: the keys of the log, who signed each record, the history of each item, the heads they saw.

import { b64, same, ZEROS } from "./bytes.mjs";
import { checkRole, step } from "./chain.mjs";
import { verifySignatures } from "./envelope.mjs";
import { BadSignature, ChainError, NotIncluded } from "./errors.mjs";
import { Keyring } from "./keyring.mjs";
import { verifyConsistency } from "./merkle.mjs";
import { POLICY_ID } from "./prefix_map.mjs";
import { StatedPolicies } from "./stated_policy.mjs";
import { KEY_EVENTS } from "./vocabulary.mjs";
import { attempt } from "./verify_log.mjs";

// (6) The pinned genesis, the key events in order, and for each signer that all of them are shown.
export function checkKeys(reading, pin, coverage, audit) {
  const keyring = new Keyring();
  const genesis = reading.at.get(0);
  if (genesis?.kind !== "record") audit.add("genesis-missing");
  else if (pin && !same(genesis.leaf, pin)) audit.add("genesis-pin", { g: b64(genesis.leaf), p: b64(pin) }, 0);
  for (const { record, index } of reading.records) {
    if (!KEY_EVENTS.includes(record.type)) continue;
    ruled(() => keyring.apply(record, index), (error) => audit.add("key-event-invalid", { d: error.message }, index));
  }
  const actors = [...new Set(reading.records.flatMap((entry) => [entry.record.actor, ...others(entry)]))].sort();
  for (const actor of actors) if (!coverage.complete.has(`keyctl ${actor}`)) audit.add("key-history-missing", { k: actor });
  const byPasskey = reading.records.some(({ envelope }) => envelope.signatures.some((one) => one.assertion));
  const byPolicy = genesis?.kind === "record" && new StatedPolicies([]).at(genesis.record).enrollers;
  if ((byPasskey || byPolicy) && !coverage.complete.has(`policy ${POLICY_ID}`)) audit.add("policy-history-missing");
  audit.passed(6, "keys", { n: actors.length });
  return keyring;
}

function ruled(act, otherwise) {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    return otherwise(error);
  }
}

// (7) Each record is signed by the keys that must sign it, valid at its place, in a role that may.
export async function checkSignatures(reading, keyring, pinned, audit, breathe) {
  const policies = new StatedPolicies(pinned);
  let done = 0;
  for (const entry of reading.records) {
    const { record, index, envelope } = entry;
    await breathe?.(7, done++, reading.records.length);
    const { sites, enrollers } = policies.at(record);
    if (!rightSigners(entry, keyring, enrollers)) audit.add("signer-wrong", {}, index);
    const history = keyring.find(record.actor);
    if (!history) {
      audit.add("signer-unknown", { k: record.actor }, index);
      continue;
    }
    ruled(() => keyring.checkCounts(history, index), (error) => audit.add("key-not-valid", { d: error.message }, index));
    ruled(() => checkRole(record.type, history.key.roles), (error) => audit.add("role-not-allowed", { d: error.message }, index));
    await attempt(
      [BadSignature],
      () => verifySignatures(envelope, (id) => keyring.find(id)?.key, sites),
      (d, { flaw }) => audit.add(flaw ? `passkey-${flaw}` : "signature-invalid", { d }, index, "signature-invalid"),
    );
  }
  audit.passed(7, "signatures", { n: reading.records.length });
}

// What one administrator could use to become two, or to make the log ask for fewer.
const isCountersigned = ({ type }) => type === "key.register" || type === "policy.update";
const isNew = (record, id) => record.enrols.some((key) => key.keyid === id);

// The keys that signed such a record beside its actor's, and are not enrolled by it.
function others({ record, envelope }) {
  if (!isCountersigned(record)) return [];
  return envelope.signatures.map(({ keyid }) => keyid).filter((id) => id !== record.actor && !isNew(record, id));
}

// The actor signs; a new key signs its own registration; with the actor sign as many administrators as the log demands,
// and the old key of the new key's person. Root keys may sign genesis.
function rightSigners(entry, keyring, enrollers) {
  const { record, index, envelope } = entry;
  const signers = envelope.signatures.map(({ keyid }) => keyid);
  if (record.type === "genesis") return signers[0] === record.actor && signers.every((id) => isNew(record, id));
  const more = others(entry);
  if (signers.join() !== [record.actor, ...more, ...record.enrols.map(({ keyid }) => keyid)].join()) return false;
  const actor = keyring.find(record.actor);
  const persons = new Set([actor?.key.person]);
  for (const id of more) {
    const other = keyring.find(id);
    if (!other || ruled(() => keyring.checkCounts(other, index), () => true)) return false;
    const { person, roles } = other.key;
    if (roles.includes("administrator")) persons.add(person);
    else if (!record.enrols.some((key) => key.person === person)) return false;
  }
  return !actor || !isCountersigned(record) || persons.size >= enrollers;
}

// (8) The records of each wanted item follow each other, by the rules of custody.
export function checkItems(reading, keyring, coverage, audit) {
  const items = coverage.wanted.filter((id) => id.startsWith("item ") && reading.about.has(id));
  for (const id of items) {
    const indices = coverage.complete.get(id) || [];
    if (indices.some((index) => reading.at.get(index).kind === "withheld")) checkLinks(id, reading, indices, audit);
    else checkRules(id, reading, keyring, audit);
  }
  if (!items.length) audit.passed(8, "no-items");
}

function checkRules(id, reading, keyring, audit) {
  let state = null;
  for (const { record, index, leaf } of reading.about.get(id)) {
    const broken = ruled(
      () => {
        const history = keyring.find(record.actor);
        if (!history) throw new ChainError("key", "It is not known who signed the record.");
        state = step(state, record, leaf, history.key);
      },
      (error) => error,
    );
    if (broken) {
      audit.add(broken.code === "link" ? "chain-broken" : "chain-rule", { m: id, d: broken.message }, index);
      return;
    }
  }
  audit.passed(8, `item-${state.status}`, { m: id, n: state.seq, h: state.holder, t: state.transfer ? 1 : 0 });
}

// Where entries were erased the rules cannot be followed; that the rest is linked can be checked.
function checkLinks(id, reading, indices, audit) {
  let seq = 0;
  let head = ZEROS;
  for (const index of indices) {
    const entry = reading.at.get(index);
    if (entry.kind === "record") {
      const own = entry.record.subjects.find((subject) => `item ${subject.item}` === id);
      if (own.seq !== seq + 1 || !same(own.prev, head)) {
        audit.add("chain-broken", { m: id, d: "the record does not follow from the item's record before it." }, index);
        return;
      }
    }
    seq += 1;
    head = entry.leaf;
  }
  const erased = indices.filter((index) => reading.at.get(index).kind === "withheld").length;
  audit.add("chain-not-followed", { m: id, e: erased, n: indices.length });
}

// (9) Every head a signer saw is the beginning of this log, and older than the record that says so.
export function checkSeen(reading, checkpoint, audit) {
  const name = ({ size, root }) => `${size} ${b64(root)}`;
  const heads = new Map(reading.parts.seen.map((part) => [name(part), { ...part, index: null }]));
  for (const { record, index } of reading.records) {
    const { seen } = record;
    if (seen.size > index) audit.add("seen-ahead", { n: seen.size }, index);
    else if (seen.size && !heads.has(name(seen))) heads.set(name(seen), { ...seen, index });
  }
  for (const { size, root, proof, index } of heads.values()) {
    if (!proof) {
      audit.add("seen-not-proven", { n: size }, index);
      continue;
    }
    try {
      verifyConsistency(size, root, checkpoint.size, checkpoint.root, proof);
    } catch (error) {
      if (!(error instanceof NotIncluded)) throw error;
      audit.add("seen-fork", { n: size, d: error.message }, index);
    }
  }
  audit.passed(9, "seen", { n: heads.size });
}
