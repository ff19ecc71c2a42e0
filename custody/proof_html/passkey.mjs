// What a passkey signs (W3C Web Authentication, level 3): its two messages, and where it may be used. The checks
// stand in the order of the format, section 2; the first that fails is the finding.

import { b64url, concat, same, utf8, fromUtf8 } from "./bytes.mjs";
import { isMap } from "./canonical.mjs";
import { BadSignature, Malformed, require } from "./errors.mjs";
import { verify } from "./keys.mjs";
import { sha256 } from "./sha256.mjs";

// Which part it is, the Python verifier says.
const FORM = "A passkey's message, or a site of passkeys, is not in its form.";

const MAX_CLIENT_DATA = 4096;
const MAX_AUTHENTICATOR_DATA = 1024;
const MAX_DEPTH = 32;
const FIXED = 37; // SHA-256 of the rp id, one byte of flags, four of the signature counter
const PRESENT = 0x01;
const VERIFIED = 0x04;
const ELIGIBLE = 0x08;
const BACKED_UP = 0x10;
const ATTESTED = 0x40;
const EXTENDED = 0x80;

const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const NAME = `${LABEL}(?:\\.${LABEL})*`;
const DOMAIN = new RegExp(`^${NAME}$`);
const ORIGIN = new RegExp(`^(https?)://(${NAME})(?::([1-9][0-9]{0,4}))?$`);
const MAX_DOMAIN = 253;
const DEFAULT_PORTS = { https: "443", http: "80" };

// A signature made in another way, or for something else, than this record; `flaw` says which.
export class PasskeyError extends BadSignature {
  constructor(flaw, message) {
    super(message);
    this.flaw = flaw;
  }
}

const demand = (holds, flaw, message) => {
  if (!holds) throw new PasskeyError(flaw, message);
};

// A domain and an origin below it, read strictly: {rpId, origin}.
export function readSite(rpId, origin) {
  const match = ORIGIN.exec(origin);
  const fits = match && DOMAIN.test(rpId) && Math.max(rpId.length, match[2].length) <= MAX_DOMAIN;
  require(fits, FORM);
  const [, scheme, host, port] = match;
  require(!/(^|\.)[0-9]+$/.test(host), FORM);
  const usual = port !== undefined && (port === DEFAULT_PORTS[scheme] || Number(port) > 0xffff);
  require(!usual, FORM);
  require(host === rpId || host.endsWith(`.${rpId}`), FORM);
  const safe = scheme === "https" || host === "localhost" || host.endsWith(".localhost");
  require(safe, FORM);
  return { rpId, origin };
}

// The authenticator's message: {rpIdHash, flags}.
function readAuthenticatorData(data) {
  const fits = data.length >= FIXED && data.length <= MAX_AUTHENTICATOR_DATA;
  require(fits, FORM);
  const flags = data[32];
  require(!(flags & ATTESTED), FORM);
  require(Boolean(flags & EXTENDED) === data.length > FIXED, FORM);
  require(!(flags & BACKED_UP) || flags & ELIGIBLE, FORM);
  return { rpIdHash: data.subarray(0, 32), flags };
}

// The browser's message: JSON that no two readers can take differently. It is not canonical, and may have more
// members; what is refused is a member given twice.
function readClientData(data) {
  require(data.length <= MAX_CLIENT_DATA, FORM);
  const text = fromUtf8(data);
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Malformed(FORM);
  }
  refuseDoubled(text);
  const named = isMap(value) && ["type", "challenge", "origin"].every((name) => Object.hasOwn(value, name) && typeof value[name] === "string");
  require(named, FORM);
  const framed = Object.hasOwn(value, "crossOrigin") ? value.crossOrigin : false;
  require(typeof framed === "boolean", FORM);
  return { ...value, framed: framed || Object.hasOwn(value, "topOrigin") };
}

// Walk over JSON that is known to be well formed: no member twice in any map, no more than MAX_DEPTH levels.
function refuseDoubled(text) {
  const open = []; // for each map or list around: the names seen in it (null for a list)
  let last = "";
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\[^])*"|[[\]{}:]/g)) {
    if (token === "{" || token === "[") open.push(token === "{" ? new Set() : null);
    else if (token === "}" || token === "]") open.pop();
    else if (token === ":") {
      const names = open[open.length - 1];
      const name = JSON.parse(last);
      require(!names.has(name), "The browser's message names a member twice.");
      names.add(name);
    }
    require(open.length <= MAX_DEPTH, FORM);
    last = token;
  }
}

// Return if the key, {spki, kind, passkey, keyid}, made this signature, {sig, assertion}, over the message.
export async function verifySigner(key, { sig, assertion }, message, sites) {
  if (key.kind !== "webauthn") {
    demand(!assertion, "form", `The key ${key.keyid} is no passkey, but signed as one.`);
    return verify(key.spki, sig, message);
  }
  demand(assertion, "form", `The passkey ${key.keyid} signed without its two messages.`);
  const { authenticatorData, clientData } = assertion;
  let said;
  let made;
  try {
    said = readClientData(clientData);
    made = readAuthenticatorData(authenticatorData);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw new PasskeyError("malformed", error.message);
  }
  demand(said.type === "webauthn.get", "type", "The passkey was not asked to sign: its answer is of another type.");
  demand(said.challenge === b64url(sha256(message)), "challenge", "The passkey signed something else than this record.");
  checkSite(said, made, sites);
  const there = (made.flags & PRESENT) && (made.flags & VERIFIED);
  demand(there, "user", "The passkey signed without making sure that its person was there.");
  const copied = Boolean(made.flags & ELIGIBLE) === key.passkey.backupEligible;
  demand(copied, "backup", "The passkey says otherwise than its registration whether it can be copied.");
  return verify(key.spki, sig, concat(authenticatorData, sha256(clientData)));
}

function checkSite(said, made, sites) {
  demand(sites.length, "site", "The log does not say on which pages passkeys may be used.");
  const here = sites.filter((site) => site.origin === said.origin);
  demand(here.length, "origin", `The passkey was used on a page that the log does not know: ${said.origin.slice(0, 120)}.`);
  demand(!said.framed, "origin", "The passkey was used inside a page of somebody else.");
  const own = here.some((site) => same(sha256(utf8(site.rpId)), made.rpIdHash));
  demand(own, "rp", "The passkey belongs to another domain than the page it was used on.");
}
