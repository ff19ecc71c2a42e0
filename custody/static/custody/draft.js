// Reads what the server asks a person to sign, before they sign it: the payload must be the canonical record
// of the act that was asked for, and every text shown must be the one it commits to. Talks to nobody.

import { b64, sha256, unb64 } from "./keys.js";

const text = new TextEncoder();

export class Mismatch extends Error {}

// RFC 8785 for what records hold: strings, whole numbers, booleans, lists, maps.
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const names = Object.keys(value).sort();
    return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new Mismatch("A number is not whole.");
  if (value === null || value === undefined) throw new Mismatch("A value is missing.");
  return JSON.stringify(value);
}

async function commitment(opening) {
  const parts = [
    text.encode("custody-commit/v1\n"),
    unb64(opening.salt),
    await sha256(text.encode(opening.field)),
    text.encode(canonical(opening.value)),
  ];
  return b64(await sha256(concat(parts)));
}

function concat(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

// Tell whether what was asked for is what would be stated: people by their id, times by the moment they mean.
function agrees(given, stated) {
  if (Array.isArray(given)) return Array.isArray(stated) && canonical([...given].sort()) === canonical([...stated].sort());
  if (stated !== null && typeof stated === "object") return stated.person === given;
  if (typeof given !== "string" || typeof stated !== "string") return String(given) === String(stated);
  const isTime = /^\d{4}-\d\d-\d\dT/.test(given) && /^\d{4}-\d\d-\d\dT/.test(stated);
  return isTime ? Date.parse(given) === Date.parse(stated) : given.trim() === stated;
}

// What the person filled in must be what the record says, and about the thing that they chose.
function checkParams(record, openings, params) {
  const subjects = record.subjects.map((subject) => subject.item);
  const strays = (params.item && !subjects.includes(params.item)) || (params.case && record.case !== params.case);
  if (strays) throw new Mismatch("The server proposes a record about something else than you chose.");
  if (params.policy !== undefined && record.policy !== params.policy) {
    throw new Mismatch("The server would state another policy than you read.");
  }
  for (const { field, value } of openings) {
    const given = params[field];
    const isLeftOut = given === undefined || given === "" || given === null;
    if (!isLeftOut && !agrees(given, value)) throw new Mismatch(`The server would record another ${field} than you gave.`);
  }
}

// An order of erasure names what is destroyed outside the openings: nothing more than was chosen, nothing else.
function checkErasure(record, params) {
  const chosen = [{ index: Number(params.entry), fields: [...(params.fields ?? [])].sort() }];
  const ordered = canonical({ openings: record.openings, erased: record.erased });
  if (ordered !== canonical({ openings: chosen, erased: [] })) throw new Mismatch("The server would erase something else than you chose.");
}

// A record about a key is about the one that was chosen, and says the time that was given.
function checkKey(record, params) {
  if (params.key && record.key?.keyid !== params.key) throw new Mismatch("The server proposes a record about another key than you chose.");
  const moved = record.key?.since !== undefined && Date.parse(record.key.since) !== Date.parse(params.since);
  if (moved) throw new Mismatch("The server would record another time than you gave.");
}

// The record of a draft, as it is written.
export function recordOf(draft) {
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(unb64(draft.payload)));
}

// Check the draft and return the bytes to sign (DSSE pre-authentication encoding). Throws Mismatch.
export async function bytesToSign(draft, act, params = {}) {
  const payload = unb64(draft.payload);
  const written = new TextDecoder("utf-8", { fatal: true }).decode(payload);
  const record = JSON.parse(written);
  if (canonical(record) !== written) throw new Mismatch("The record is not written in the one form that can be checked.");
  if (record.type !== act) throw new Mismatch(`The server proposes ${record.type} instead of ${act}.`);
  checkParams(record, draft.openings, params);
  if (act.startsWith("key.")) checkKey(record, params);
  if (act === "erasure") checkErasure(record, params);
  const claims = { ...record.claims };
  for (const opening of draft.openings) {
    if (claims[opening.field] !== (await commitment(opening))) {
      throw new Mismatch(`The text shown for ${opening.field} is not the one that would be signed.`);
    }
    delete claims[opening.field];
  }
  const hidden = Object.keys(claims);
  if (hidden.length) throw new Mismatch(`The server does not show what ${hidden.join(", ")} would say.`);
  const type = text.encode(draft.payload_type);
  const head = text.encode(`DSSEv1 ${type.length} ${draft.payload_type} ${payload.length} `);
  return concat([head, payload]);
}
