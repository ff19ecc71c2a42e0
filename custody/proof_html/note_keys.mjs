// Keys that sign heads of a log, by the kinds that C2SP assigns (signed-note, tlog-cosignature), and what they sign.

import { concat, hex, unb64, uint64, utf8 } from "./bytes.mjs";
import { BadSignature, Malformed, require } from "./errors.mjs";
import { ED25519_PREFIX, ML_DSA_PREFIX, algorithmOf, keyidOf, verify } from "./keys.mjs";
import { SIGNATURE_SIZE } from "./ml_dsa.mjs";
import { checkName, parseCheckpoint } from "./note.mjs";
import { sha256 } from "./sha256.mjs";

// Which part it is, the Python verifier says.
const FORM = "A verifier key is not in its form.";

const MAX_COSIGNED_NAME = 255;
const MAX_TIME = 1n << 63n;
// byte -> what a key of this kind is; `size` of its signature, for cosignatures, which have a time before it
const KINDS = {
  0x01: { log: true, prefix: ED25519_PREFIX, algorithm: "Ed25519" },
  0x02: { log: true, prefix: new Uint8Array(), algorithm: "ES256" },
  0x04: { log: false, prefix: ED25519_PREFIX, algorithm: "Ed25519", size: 64 },
  0x06: { log: false, prefix: ML_DSA_PREFIX, algorithm: "ML-DSA-44", size: SIGNATURE_SIZE },
};

// A verifier key, name+hash+base64(type || key): {name, kind, ofLog, keyHash, spki, keyid}.
export function parseVkey(text) {
  const [name, hash, ...rest] = text.split("+");
  require(rest.length, FORM);
  checkName(name);
  const material = unb64(rest.join("+"));
  const kind = KINDS[material[0]];
  require(kind, FORM);
  const spki = concat(kind.prefix, material.subarray(1));
  require(algorithmOf(spki) === kind.algorithm, FORM);
  // The hash of a P-256 key is the one without name and type in it.
  const hashed = material[0] === 0x02 ? sha256(spki) : sha256(utf8(`${name}\n`), material);
  const keyHash = hex(hashed.subarray(0, 4));
  require(keyHash === hash, FORM);
  return { name, kind: material[0], ofLog: kind.log, keyHash, spki, keyid: keyidOf(spki) };
}

// What these keys signed: [{key, time (BigInt, seconds since 1970; null of the log's own)}]. Every signature of
// one of them must verify, or BadSignature. Signatures of other keys say nothing and are ignored.
export async function signedBy(note, keys) {
  const known = new Map(keys.map((key) => [`${key.name}\n${key.keyHash}`, key]));
  const found = [];
  for (const { name, keyHash, sig } of note.signatures) {
    const key = known.get(`${name}\n${keyHash}`);
    if (key) found.push({ key, time: await verifyOne(key, sig, note.text) });
  }
  return found;
}

async function verifyOne(key, sig, text) {
  const { size } = KINDS[key.kind];
  if (!size) {
    await verify(key.spki, sig, utf8(text));
    return null;
  }
  if (sig.length !== 8 + size) throw new BadSignature("A cosignature has the wrong length.");
  const time = BigInt(`0x${hex(sig.subarray(0, 8))}`);
  await verify(key.spki, sig.subarray(8), cosigned(key, text, time));
  return time;
}

// The bytes that a cosigner signs.
function cosigned(key, text, time) {
  try {
    require(time < MAX_TIME, FORM);
    if (key.kind === 0x04) return utf8(`cosignature/v1\ntime ${time}\n${text}`);
    const head = parseCheckpoint(text);
    return concat(utf8("subtree/v1\n\0"), vector(key.name), uint64(time), vector(head.origin), uint64(0), uint64(head.size), head.root);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw new BadSignature(`A cosignature cannot be over this text: ${error.message}`);
  }
}

function vector(name) {
  const bytes = utf8(name);
  require(bytes.length <= MAX_COSIGNED_NAME, FORM);
  return concat([bytes.length], bytes);
}
