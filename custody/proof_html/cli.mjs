// The verifier of the HTML page in a terminal: node cli.mjs REPORT [--policy P] [--item UUID | --case UUID]
// [--evidence FILE …] [--compare OTHER] [--at YYYY-MM-DD] [--json]. Exit codes 0 verified, 1 with remarks, 2 not verified.
//
// node cli.mjs --stream reads one question a line, {"file", "policy", "other", "receipt": base64, "scope", "evidence":
// [{"name", "sha256"}], "at": milliseconds since 1970}, and writes one verdict a line: for comparing both verifiers in bulk.

import { createHash } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { checkFile } from "./check_file.mjs";
import { toJson } from "./verdict.mjs";
import * as english from "./words_en.mjs";
import { say } from "./words.mjs";

const words = { say: (finding) => say(english, finding), titles: english.STEP_TITLES };

function bytesOf(path) {
  try {
    return new Uint8Array(readFileSync(path));
  } catch {
    return null;
  }
}

async function hashOf(path) {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk);
    return { name: basename(path), sha256: hash.digest("hex") };
  } catch {
    return { name: basename(path), sha256: null };
  }
}

async function once(argv) {
  const text = { type: "string" };
  const options = { at: text, receipt: text, policy: text, item: text, case: text, compare: text, evidence: { type: "string", multiple: true }, json: { type: "boolean" } };
  const { values, positionals } = parseArgs({ args: argv, options, allowPositionals: true });
  const [path, ...more] = positionals;
  if (!path) throw new Error("usage: node cli.mjs REPORT [--policy FILE] [--item UUID | --case UUID] [--evidence FILE] [--compare FILE] [--at YYYY-MM-DD] [--receipt FILE] [--json]");
  const evidence = await Promise.all([...(values.evidence || []), ...more].map(hashOf));
  const given = (file) => file && { name: basename(file), bytes: bytesOf(file) };
  const verdict = await checkFile({
    ...given(path),
    policy: given(values.policy),
    other: given(values.compare),
    receipt: given(values.receipt),
    scope: values.item ? `item ${values.item}` : values.case ? `case ${values.case}` : undefined,
    evidence,
    at: values.at && Date.parse(`${values.at}T00:00:00Z`),
  });
  const value = toJson(verdict, basename(path), words);
  if (values.json) console.log(JSON.stringify(value, null, 2));
  else {
    console.log(`${value.verdict.toUpperCase()}: ${basename(path)}`);
    for (const { step, name, findings } of value.steps) {
      for (const one of findings) console.log(`${String(step).padStart(2)}  ${name}: [${one.level}: ${one.code}] ${one.sentence}`);
    }
  }
  return value.exit_code;
}

const unpack = (base64) => (base64 === undefined ? null : new Uint8Array(Buffer.from(base64, "base64")));

async function stream() {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    const asked = JSON.parse(line);
    const policy = asked.policy === undefined ? null : { name: "policy", bytes: unpack(asked.policy) };
    const other = asked.other === undefined ? null : { name: "other", bytes: unpack(asked.other) };
    const receipt = asked.receipt === undefined ? null : { name: "receipt", bytes: unpack(asked.receipt) };
    const question = { name: "report", bytes: unpack(asked.file), policy, other, scope: asked.scope, evidence: asked.evidence, receipt, at: asked.at };
    let answer;
    try {
      answer = toJson(await checkFile(question), "report", words);
    } catch (error) {
      answer = { fault: `${error.name}: ${error.message}`, at: error.stack };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  return 0;
}

process.exitCode = process.argv[2] === "--stream" ? await stream() : await once(process.argv.slice(2));
