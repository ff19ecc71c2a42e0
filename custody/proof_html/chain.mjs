// Follow the history of one item, record by record, and refuse what the rules of custody forbid (format, 10).
// step() is pure: the state before, one record and who signed it give the state after, or throw ChainError.

import { b64, same, ZEROS } from "./bytes.mjs";
import { ChainError } from "./errors.mjs";
import { SIGNERS } from "./vocabulary.mjs";

const AFTER_DISPOSAL = ["note", "correct", "erasure", "report.issued", "disclosure.download", "disclosure.receipt", "disclosure.revoke"];
const IN_QUARANTINE = [
  ...AFTER_DISPOSAL,
  ...["fixity.check", "hash.verify", "hold.place", "hold.release", "dispose.propose", "dispose.approve", "dispose.done"],
];

export function checkRole(type, roles) {
  if (roles.some((role) => SIGNERS[type].includes(role))) return;
  const held = [...roles].sort().join(", ") || "none";
  throw new ChainError("role", `a record of type ${type} cannot be signed in the role ${held}.`);
}

// actor: {person, roles}. Without a state the record must be the first of its one item.
export function step(state, record, leaf, actor) {
  checkRole(record.type, actor.roles);
  const subject = subjectOf(state, record);
  checkLink(state, subject);
  if (!state) return first(record, subject, leaf, actor);
  demand(record.case === state.case, "case", "The record names another case than the item's.");
  const allowed = { held: Object.keys(RULES), quarantined: IN_QUARANTINE, disposed: AFTER_DISPOSAL }[state.status];
  demand(allowed.includes(record.type), "status", `An item that is ${state.status} cannot have a record of type ${record.type}.`);
  const after = RULES[record.type](state, record, leaf, actor);
  return { ...after, seq: subject.seq, head: leaf };
}

function demand(holds, code, sentence) {
  if (!holds) throw new ChainError(code, sentence);
}

function checkLink(state, subject) {
  const due = state ? state.seq + 1 : 1;
  demand(subject.seq === due, "link", `The record is number ${subject.seq} of its item, but number ${due} is due.`);
  demand(same(subject.prev, state ? state.head : ZEROS), "link", "The record does not follow from the item's newest record.");
}

function subjectOf(state, record) {
  if (!state) {
    demand(record.subjects.length === 1, "first", "An item's first record is about that item alone.");
    return record.subjects[0];
  }
  const found = record.subjects.find((subject) => subject.item === state.item);
  demand(found, "subject", "The record is not about this item.");
  return found;
}

function first(record, subject, leaf, actor) {
  const intake = record.type === "item.intake";
  demand(intake || record.type === "item.quarantine", "first", `An item's history cannot begin with ${record.type}.`);
  demand(record.case !== null, "case", "The record names another case than the item's.");
  requireRefs(record);
  return {
    item: subject.item,
    case: record.case,
    seq: subject.seq,
    head: leaf,
    holder: intake ? actor.person : null,
    status: intake ? "held" : "quarantined",
    transfer: null, // {offer, giver, accept, taker}
    disposal: null, // {propose, proposer, approve}
    plans: new Map(), // leaf of each redaction.plan -> who planned
    pending: new Map(), // leaf of each undecided derivative.make -> who planned it
    holds: new Set(),
  };
}

function requireRefs(record, ...refs) {
  const right = record.refs.length === refs.length && refs.every((ref, at) => same(ref, record.refs[at]));
  demand(right, "refs", `The record of type ${record.type} does not answer the records it should answer.`);
}

function onlyRef(record) {
  demand(record.refs.length === 1, "refs", `A record of type ${record.type} answers exactly one record.`);
  return b64(record.refs[0]);
}

function byHolder(state, record, leaf, actor) {
  demand(state.holder === actor.person, "holder", `Only the item's custodian can sign ${record.type}.`);
  return state;
}

const unchanged = (state) => state;

function openTransfer(state) {
  demand(state.transfer, "transfer", "No transfer of the item is open.");
  return state.transfer;
}

function offered(state) {
  const transfer = openTransfer(state);
  demand(!transfer.accept, "transfer", "The transfer is accepted already.");
  return transfer;
}

function decidedByThird(state, record, actor) {
  const transfer = openTransfer(state);
  demand(transfer.accept, "transfer", "The transfer is not accepted yet.");
  requireRefs(record, transfer.offer, transfer.accept);
  const third = actor.person !== transfer.giver && actor.person !== transfer.taker;
  demand(third, "person", "Giver and taker cannot decide on their own transfer.");
  return transfer;
}

function requireNoHold(state) {
  demand(!state.holds.size, "hold", "The item is under a hold and cannot be disposed of.");
}

const RULES = {
  "transfer.offer"(state, record, leaf, actor) {
    byHolder(state, record, leaf, actor);
    demand(!state.transfer, "transfer", "A transfer of the item is open already.");
    requireRefs(record);
    // An offer ends a proposed disposal: no record type refuses one, so it would block the item for ever.
    return { ...state, transfer: { offer: leaf, giver: actor.person }, disposal: null };
  },
  "transfer.accept"(state, record, leaf, actor) {
    const transfer = offered(state);
    requireRefs(record, transfer.offer);
    demand(actor.person !== transfer.giver, "person", "The giver cannot accept their own transfer.");
    return { ...state, transfer: { ...transfer, accept: leaf, taker: actor.person } };
  },
  "transfer.refuse"(state, record, leaf, actor) {
    const transfer = offered(state);
    requireRefs(record, transfer.offer);
    demand(actor.person !== transfer.giver, "person", "The giver cannot refuse their own transfer.");
    return { ...state, transfer: null };
  },
  "transfer.withdraw"(state, record, leaf, actor) {
    const transfer = openTransfer(state);
    requireRefs(record, transfer.offer);
    demand(actor.person === transfer.giver, "person", "Only the giver can withdraw a transfer.");
    return { ...state, transfer: null };
  },
  "transfer.approve"(state, record, leaf, actor) {
    const { taker } = decidedByThird(state, record, actor);
    return { ...state, transfer: null, holder: taker };
  },
  "transfer.reject"(state, record, leaf, actor) {
    decidedByThird(state, record, actor);
    return { ...state, transfer: null };
  },
  "redaction.plan"(state, record, leaf, actor) {
    requireRefs(record);
    return { ...state, plans: new Map(state.plans).set(b64(leaf), actor.person) };
  },
  "derivative.make"(state, record, leaf) {
    const planner = state.plans.get(onlyRef(record));
    demand(planner, "redaction", "The derivative does not carry out a recorded plan of this item.");
    return { ...state, pending: new Map(state.pending).set(b64(leaf), planner) };
  },
  "redaction.release"(state, record, leaf, actor) {
    const derivative = onlyRef(record);
    const planner = state.pending.get(derivative);
    demand(planner, "redaction", "There is no such undecided copy of this item.");
    demand(actor.person !== planner, "person", "Whoever planned a redaction cannot release it.");
    const pending = new Map(state.pending);
    pending.delete(derivative);
    return { ...state, pending };
  },
  "hold.place"(state, record, leaf) {
    requireRefs(record);
    return { ...state, holds: new Set(state.holds).add(b64(leaf)) };
  },
  "hold.release"(state, record) {
    const hold = onlyRef(record);
    demand(state.holds.has(hold), "hold", "There is no such hold on the item.");
    const holds = new Set(state.holds);
    holds.delete(hold);
    return { ...state, holds };
  },
  "dispose.propose"(state, record, leaf, actor) {
    requireNoHold(state);
    demand(!state.transfer, "disposal", "A transfer of the item is open already.");
    requireRefs(record);
    return { ...state, disposal: { propose: leaf, proposer: actor.person } };
  },
  "dispose.approve"(state, record, leaf, actor) {
    requireNoHold(state);
    const { disposal } = state;
    demand(disposal && !disposal.approve, "disposal", "No such disposal of the item is open.");
    requireRefs(record, disposal.propose);
    demand(actor.person !== disposal.proposer, "person", "Whoever proposed a disposal cannot approve it.");
    return { ...state, disposal: { ...disposal, approve: leaf } };
  },
  "dispose.done"(state, record) {
    requireNoHold(state);
    const { disposal } = state;
    demand(disposal && disposal.approve, "disposal", "No such disposal of the item is open.");
    requireRefs(record, disposal.propose, disposal.approve);
    return { ...state, disposal: null, holder: null, status: "disposed" };
  },
  correct(state, record) {
    demand(record.refs.length, "refs", "A correction names the record that it corrects.");
    return state;
  },
  "storage.in": byHolder,
  "storage.out": byHolder,
  "seal.apply": byHolder,
  "seal.break": byHolder,
  "exam.start": byHolder,
  "exam.end": byHolder,
  "copy.make": byHolder,
  "item.metadata": unchanged,
  "hash.verify": unchanged,
  "fixity.check": unchanged,
  "access.unredacted": unchanged,
  "tool.run": unchanged,
  note: unchanged,
  erasure: unchanged,
  "disclosure.grant": unchanged,
  "disclosure.package": unchanged,
  "disclosure.download": unchanged,
  "disclosure.receipt": unchanged,
  "disclosure.revoke": unchanged,
  "report.issued": unchanged,
};
