// One case a line from standard input, one answer a line to standard output; see test_vectors.py.

import { createInterface } from "node:readline";
import { fromUtf8, hex, unb64 } from "../../custody/proof_html/bytes.mjs";
import { loads } from "../../custody/proof_html/canonical.mjs";
import { ProofError } from "../../custody/proof_html/errors.mjs";
import { inflate } from "../../custody/proof_html/inflate.mjs";
import { verify } from "../../custody/proof_html/keys.mjs";
import { verifyConsistency, verifyInclusion } from "../../custody/proof_html/merkle.mjs";
import { verifyMlDsa44 } from "../../custody/proof_html/ml_dsa.mjs";
import { parseCheckpoint, parseNote } from "../../custody/proof_html/note.mjs";
import { parseVkey, signedBy } from "../../custody/proof_html/note_keys.mjs";
import { Sha256, sha256 } from "../../custody/proof_html/sha256.mjs";

const bytes = (text) => new Uint8Array(Buffer.from(text || "", "base64"));
const hexBytes = (text) => new Uint8Array(Buffer.from(text, "hex"));
const list = (hashes) => (hashes || []).map(bytes);

async function verifyNote(note, keys) {
  if (!(await signedBy(note, keys)).length) throw new ProofError("No known key signed the note.");
}

const KINDS = {
  inclusion: (c) => verifyInclusion(bytes(c.leafHash), c.leafIdx, c.treeSize, list(c.proof), bytes(c.root)),
  consistency: (c) => verifyConsistency(c.size1, bytes(c.root1), c.size2, bytes(c.root2), list(c.proof)),
  signature: (c) => verify(hexBytes(c.spki), hexBytes(c.sig), hexBytes(c.msg)),
  jcs: (c) => void loads(bytes(c.text)),
  note: (c) => verifyNote(parseNote(fromUtf8(bytes(c.note))), [parseVkey(c.vkey)]),
  checkpoint: (c) => {
    const note = parseNote(fromUtf8(bytes(c.note)));
    parseCheckpoint(note.text);
    return verifyNote(note, [parseVkey(c.vkey)]);
  },
  "ml-dsa": (c) => {
    if (!verifyMlDsa44(bytes(c.key), bytes(c.sig), bytes(c.msg))) throw new ProofError("It does not verify.");
  },
  sha256: (c) => {
    const data = unb64(c.data);
    const hash = new Sha256();
    for (let at = 0; at < data.length; at += c.cut) hash.update(data.subarray(at, at + c.cut));
    return hex(hash.digest());
  },
  inflate: (c) => {
    const { data, used } = inflate(bytes(c.data), 1 << 28);
    return [hex(sha256(data)), used];
  },
};
const REFUSED = { inflate: null };

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  let answer;
  try {
    answer = (await KINDS[asked.kind](asked)) ?? true;
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    answer = asked.kind in REFUSED ? REFUSED[asked.kind] : false;
  }
  console.log(JSON.stringify(answer));
}
