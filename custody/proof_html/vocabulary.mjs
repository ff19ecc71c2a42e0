// The closed sets of the format: types of records with what they are about and who may sign them, roles, kinds.

export const ROLES = ["examiner", "evidence_officer", "supervisor", "prosecutor", "advocate", "auditor", "administrator", "partner", "service"];
export const KEY_KINDS = ["software", "service", "webauthn"];

const EXAMINER = ["examiner"];
const CUSTODIANS = ["examiner", "evidence_officer"];
const SUPERVISOR = ["supervisor"];
const SERVICE = ["service"];
const ADMINISTRATOR = ["administrator"];
const STAFF = ROLES.filter((role) => role !== "service" && role !== "partner");
const NOBODY = []; // foreseen: a verifier refuses what it cannot judge

export const SIGNERS = {
  genesis: ADMINISTRATOR,
  "key.register": ADMINISTRATOR,
  "key.revoke": ROLES,
  "key.suspect": ROLES,
  "policy.update": ADMINISTRATOR,
  "log.daily": SERVICE,
  anchor: SERVICE,
  erasure: SUPERVISOR,
  note: STAFF,
  correct: STAFF,
  "tool.run": SERVICE,
  "case.open": SUPERVISOR,
  "case.close": SUPERVISOR,
  "case.assign": SUPERVISOR,
  "authority.add": ["examiner", "supervisor"],
  "authority.end": ["examiner", "supervisor"],
  "item.intake": CUSTODIANS,
  "item.quarantine": SERVICE,
  "item.metadata": SERVICE,
  "transfer.offer": CUSTODIANS,
  "transfer.accept": CUSTODIANS,
  "transfer.refuse": CUSTODIANS,
  "transfer.withdraw": CUSTODIANS,
  "transfer.approve": SUPERVISOR,
  "transfer.reject": SUPERVISOR,
  "storage.in": CUSTODIANS,
  "storage.out": CUSTODIANS,
  "seal.apply": CUSTODIANS,
  "seal.break": CUSTODIANS,
  "exam.start": EXAMINER,
  "exam.end": EXAMINER,
  "hash.verify": CUSTODIANS,
  "copy.make": CUSTODIANS,
  "fixity.check": SERVICE,
  "access.unredacted": SERVICE,
  "redaction.plan": EXAMINER,
  "derivative.make": SERVICE,
  "redaction.release": ["advocate", "examiner", "supervisor"],
  "redaction.approve": NOBODY,
  "reveal.request": ["advocate", "examiner", "prosecutor"],
  "reveal.approve": SUPERVISOR,
  "reveal.refuse": SUPERVISOR,
  "disclosure.grant": SUPERVISOR,
  "disclosure.package": SERVICE,
  "disclosure.download": SERVICE,
  "disclosure.receipt": ["partner", "prosecutor"],
  "disclosure.revoke": SUPERVISOR,
  "report.issued": SERVICE,
  "hold.place": SUPERVISOR,
  "hold.release": SUPERVISOR,
  "dispose.propose": ["evidence_officer", "supervisor"],
  "dispose.approve": SUPERVISOR,
  "dispose.done": ["evidence_officer"],
  dispose: NOBODY,
};

export const TYPES = Object.keys(SIGNERS);

// Statements about the log itself: no case, no item.
export const ABOUT_THE_LOG = ["genesis", "key.register", "key.revoke", "key.suspect", "policy.update", "log.daily", "anchor"];
// These may stand outside any case, or span several.
export const CASE_OPTIONAL = ["tool.run", "note", "correct", "erasure"];
export const KEY_EVENTS = ["genesis", "key.register", "key.revoke", "key.suspect"];
