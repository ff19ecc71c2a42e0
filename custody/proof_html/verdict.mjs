// The outcome of a verification: what happened when, told from the bundle and never from a page; and the
// verdict for machines, in the form of docs/proof-format.md.

import { formatTime } from "./members.mjs";
import { STEPS, outcomeOf } from "./findings.mjs";

// The claim of a key registration that says in whose name it is: a text, or a map with the member `name`.
const HOLDER_FIELD = "holder";
const EXIT_CODES = { verified: 0, "verified with remarks": 1, "not verified": 2 };

export function makeVerdict(audit, { events = [], fork = [], bundle = null, revision0 = null, facts = null } = {}) {
  const findings = audit.findings();
  return { outcome: outcomeOf(findings), findings, events, fork, bundle, revision0, facts };
}

// Tell the events of a bundle in the order of the log.
export function tell(reading, keyring, windows) {
  const opened = new Map(reading.parts.openings.map((part) => [`${part.index} ${part.field}`, part.value]));
  const names = holderNames(reading, opened);
  return reading.entries
    .filter((entry) => entry.kind !== "head")
    .map((entry) => (entry.kind === "withheld" ? { index: entry.index, erasedBy: entry.order } : event(entry, keyring, names, opened, windows.get(entry.index))));
}

function holderNames(reading, opened) {
  const names = new Map();
  for (const { record, index } of reading.records) {
    if (record.type !== "key.register") continue;
    const holder = opened.get(`${index} ${HOLDER_FIELD}`);
    const name = holder && Object.hasOwn(Object(holder), "name") && !Array.isArray(holder) ? holder.name : holder;
    if (typeof name === "string") for (const keyid of record.controls) names.set(keyid, name);
  }
  return names;
}

function event({ index, record }, keyring, names, opened, window) {
  const history = keyring.find(record.actor);
  return {
    index,
    time: record.time, // as the signer states it
    window, // as outside time stamps bound it
    type: record.type,
    actor: record.actor,
    person: history?.key.person,
    name: names.get(record.actor) || "",
    roles: history ? [...history.key.roles].sort() : [],
    keys: record.controls, // that the record enrols, revokes or suspects
    case: record.case,
    subjects: record.subjects,
    statements: [...record.claims.keys()].sort().map((field) => {
      const place = `${index} ${field}`;
      return { field, opened: opened.has(place), value: opened.get(place) };
    }),
  };
}

// The value that --json prints; `say` turns a finding into its sentence, `titles` name the steps.
export function toJson(verdict, name, { say, titles }) {
  const finding = (one) => ({
    code: one.code,
    level: one.level,
    sentence: say(one),
    ...(one.index === null ? {} : { entry: one.index }),
  });
  return {
    format: "unbroken.custody-verdict/v1",
    file: name,
    verdict: verdict.outcome,
    exit_code: EXIT_CODES[verdict.outcome],
    steps: Array.from({ length: STEPS }, (_, step) => ({
      step,
      name: titles[step],
      findings: verdict.findings.filter((one) => one.step === step).map(finding),
    })),
    events: verdict.events.map(eventJson),
    fork: verdict.fork,
  };
}

function windowJson({ notBefore, notAfter }) {
  return {
    ...(notBefore === null ? {} : { not_before: formatTime(notBefore) }),
    ...(notAfter === null ? {} : { not_after: formatTime(notAfter) }),
  };
}

function eventJson(one) {
  if ("erasedBy" in one) return { entry: one.index, erased_by: one.erasedBy };
  const opened = one.statements.filter((statement) => statement.opened);
  return {
    entry: one.index,
    time: formatTime(one.time),
    window: windowJson(one.window),
    type: one.type,
    key: one.actor,
    name: one.name,
    about_keys: one.keys,
    roles: one.roles,
    items: one.subjects.map(({ item, seq }) => ({ item, seq })),
    statements: Object.fromEntries(opened.map(({ field, value }) => [field, value])),
    withheld: one.statements.filter((statement) => !statement.opened).map(({ field }) => field),
    ...(one.case === null ? {} : { case: one.case }),
    ...(one.person ? { person: one.person } : {}),
  };
}
