// The page: takes files, has them checked, shows what came out (page_verdict.mjs). Keeps everything in memory;
// loads nothing and sends nothing, which its content security policy enforces.

import { latin1, utf8, hex } from "./bytes.mjs";
import { checkFile } from "./check_file.mjs";
import { el } from "./dom.mjs";
import { isPdf } from "./pdf.mjs";
import { showVerdict } from "./page_verdict.mjs";
import { Sha256, sha256 } from "./sha256.mjs";
import { MAX_POLICY } from "./policy.mjs";
import { MAX_RECEIPT, RECEIPT_HEAD } from "./receipt.mjs";
import { MAX_REPORT } from "./verify.mjs";
import * as english from "./words_en.mjs";
import * as spanish from "./words_es.mjs";
import { fill } from "./words.mjs";

const LANGUAGES = { en: [english, "English"], es: [spanish, "Español"] };
const BREATH = 40; // milliseconds of work before the page may draw again

// files: {kind: "report" | "other" | "policy" | "receipt" | "evidence", name, bytes or sha256}
const state = { language: navigator.language?.startsWith("es") ? "es" : "en", files: [], verdict: null, run: 0, fault: null };
const main = document.getElementById("main");
const progress = el("p", { id: "progress", role: "status" });

const words = () => LANGUAGES[state.language][0];
const t = (name, params = {}) => fill(words(), words().ui[name], params);
const one = (kind) => state.files.find((file) => file.kind === kind) || null;

function draw() {
  document.documentElement.lang = state.language;
  document.title = `${t("title")} · Unbroken`;
  const pick = ([code, [, name]]) =>
    el("button", { type: "button", lang: code, "aria-pressed": String(code === state.language), click: () => speak(code) }, name);
  document.getElementById("languages").replaceChildren(...Object.entries(LANGUAGES).map(pick));
  document.getElementById("foot").replaceChildren(el("p", t("foot")));
  main.replaceChildren(
    el("h1", t("title")),
    el("p.quiet", t("lead")),
    dropZone(),
    el("div.inputs", policyBox(), fileList()),
    progress,
    ...(state.fault ? [el("section.verdict.bad", { role: "alert" }, el("p", t("fault", { d: state.fault })))] : []),
    ...(state.verdict ? showVerdict(state.verdict, { words: words(), t, language: state.language, files: state.files }) : []),
  );
}

function speak(code) {
  state.language = code;
  draw();
  document.querySelector(`#languages [lang=${code}]`).focus();
}

function dropZone() {
  const input = el("input", { type: "file", multiple: true, id: "files", change: () => take([...input.files]) });
  const slim = state.files.length ? ".slim" : "";
  return el(`label.drop${slim}`, { for: "files" }, el("span", el("strong", t(slim ? "dropAgain" : "drop")), el("span.quiet", t("dropMore"))), input, el("span.button", t("choose")));
}

function policyBox() {
  const area = el("textarea", { id: "policy", spellcheck: "false" });
  const use = async () => {
    if (area.value.trim()) await add([{ kind: "policy", name: t("policyLabel"), bytes: utf8(`${area.value.trim()}\n`) }]);
  };
  return el(
    "details",
    { open: Boolean(one("report")) && !one("policy") },
    el("summary", el("strong", t("policyHead")), one("policy") ? ` · ${one("policy").name}` : ""),
    el("p.quiet.small", t("policyHelp")),
    el("label", { for: "policy" }, t("policyLabel")),
    area,
    el("button", { type: "button", click: use }, t("policyUse")),
  );
}

function fileList() {
  if (!state.files.length) return null;
  const row = (file) =>
    el(
      "li",
      el("span.role", t(file.kind)),
      el("span.name", file.name),
      el("button.plain", { type: "button", "aria-label": `${t("remove")}: ${file.name}`, click: () => remove(file) }, t("remove")),
    );
  const restart = el("button", { type: "button", click: () => location.reload() }, t("restart"));
  return el("section", { "aria-label": t("given") }, el("ul.files", state.files.map(row)), el("div.row", restart));
}

function remove(file) {
  state.files = state.files.filter((other) => other !== file);
  const other = one("other");
  if (!one("report") && other) other.kind = "report";
  return check();
}

// Sort files by what they are; the first report is the one to check, another one is compared with it.
async function take(files) {
  const run = ++state.run;
  const found = [];
  for (const file of files) {
    const head = new Uint8Array(await file.slice(0, MAX_RECEIPT).arrayBuffer().catch(() => new ArrayBuffer(0)));
    if (isReport(head)) {
      const bytes = file.size > MAX_REPORT ? null : new Uint8Array(await file.arrayBuffer());
      found.push({ kind: one("report") || found.some((other) => other.kind === "report") ? "other" : "report", name: file.name, bytes });
    } else if (latin1(head).startsWith(RECEIPT_HEAD)) {
      found.push({ kind: "receipt", name: file.name, bytes: head });
    } else if (file.size <= MAX_POLICY && /^(log|quorum|#pin)[ \t]/m.test(latin1(head))) {
      found.push({ kind: "policy", name: file.name, bytes: head });
    } else {
      found.push({ kind: "evidence", name: file.name, sha256: await hashOf(file, run) });
    }
  }
  if (run === state.run) await add(found);
}

function isReport(head) {
  return isPdf(head) || /^\s*\{/.test(latin1(head.subarray(0, 64)));
}

async function add(files) {
  for (const file of files) {
    if (file.kind !== "evidence") state.files = state.files.filter((other) => other.kind !== file.kind);
    state.files.push(file);
  }
  await check();
}

// Evidence may be larger than memory, so it is hashed as it is read; null if it cannot be read to its end.
async function hashOf(file, run) {
  const hash = new Sha256();
  try {
    const reader = file.stream().getReader();
    let drawn = 0;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (run !== state.run) return null;
      hash.update(part.value);
      if (performance.now() - drawn > 200) {
        drawn = performance.now();
        tell("hashing", { f: file.name, p: Math.floor((100 * hash.length) / file.size) });
        await pause();
      }
    }
    return hash.length === file.size ? hex(hash.digest()) : null;
  } catch {
    return null;
  }
}

function tell(name, params) {
  progress.replaceChildren(t(name, params));
}

const pause = () => new Promise((go) => setTimeout(go));

function breather(run) {
  let since = performance.now();
  return async (step, done, of) => {
    if (performance.now() - since < BREATH) return;
    if (run !== state.run) throw new Superseded();
    tell("working", { s: step, p: Math.floor((100 * done) / of) });
    await pause();
    since = performance.now();
  };
}

class Superseded extends Error {}

async function check() {
  const run = ++state.run;
  const report = one("report");
  state.verdict = null;
  state.fault = null;
  draw();
  if (!report) return progress.replaceChildren();
  tell("working", { s: 0, p: 0 });
  await pause();
  try {
    const evidence = state.files.filter((file) => file.kind === "evidence");
    const verdict = await checkFile({ ...report, policy: one("policy"), other: one("other"), receipt: one("receipt"), evidence, breathe: breather(run) });
    if (run !== state.run) return null;
    state.verdict = { ...verdict, name: report.name, hash: report.bytes && hex(sha256(report.bytes)), pinned: Boolean(one("policy")) };
  } catch (error) {
    if (error instanceof Superseded || run !== state.run) return null;
    state.fault = `${error.name}: ${error.message}`; // a fault of ours must not look like a verdict
  }
  progress.replaceChildren();
  draw();
  document.getElementById("verdict")?.focus();
  return null;
}

function listenForDrops() {
  const over = (on) => document.querySelector(".drop")?.classList.toggle("over", on);
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  document.addEventListener("dragleave", () => over(false));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    take([...event.dataTransfer.files]);
  });
}

addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => one.setAttribute("open", "")));
listenForDrops();
draw();
