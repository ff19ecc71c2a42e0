// What came out of a check, as elements: the verdict first, then what to read before relying on it, the facts,
// the chain of custody, every step. What is shown comes from the bundle, never from a page of the report.

import { hex } from "./bytes.mjs";
import { el, icon, printable, save } from "./dom.mjs";
import { STEPS } from "./findings.mjs";
import { showHistory } from "./page_history.mjs";
import { sha256 } from "./sha256.mjs";
import { toJson } from "./verdict.mjs";
import { say } from "./words.mjs";

export const LOOK = { verified: "good", "verified with remarks": "warn", "not verified": "bad" };
const LEVELS = { ok: "good", remark: "warn", failure: "bad" };

// view: {words, t, language, files}
export function showVerdict(verdict, view) {
  const bad = verdict.outcome === "not verified";
  return [
    headline(verdict, view),
    verdict.fork.length ? forkProof(verdict, view) : null,
    evidenceTable(verdict, view),
    facts(verdict, view),
    verdict.events.length ? showHistory(verdict, view, bad) : null,
    steps(verdict, view),
  ].filter(Boolean);
}

const sentenceOf = (finding, { words, t }) => {
  const place = finding.index === null ? "" : `${t("entryPlace", { i: finding.index })} `;
  return printable(place + say(words, finding)).replace(/\n/g, " ");
};

function headline(verdict, view) {
  const { t, words } = view;
  const look = LOOK[verdict.outcome];
  const of = (level) => verdict.findings.filter((one) => one.level === level && one.code !== "step-not-run");
  const failed = [...new Set(of("failure").map((one) => one.step))].map((s) => t("stepWord", { s, d: words.STEP_TITLES[s] }));
  const [word, sentence, list] = {
    good: [t("verified"), t("verifiedSays"), []],
    warn: [t("remarks"), t("remarksSays", { n: of("remark").length }), of("remark")],
    bad: [t("failed"), t("failedSays", { d: failed.join(", ") }), of("failure")],
  }[look];
  const shown = list.slice(0, 12);
  return el(
    `section.verdict.${look}`,
    { "aria-live": "polite" },
    el("h2", { id: "verdict", tabindex: "-1" }, icon(look), word),
    el("p", el("strong.said", printable(verdict.name))),
    el("p", sentence),
    shown.length ? el("ul", shown.map((one) => el("li", sentenceOf(one, view)))) : null,
    list.length > shown.length ? el("p.quiet", `… (${list.length})`) : null,
    !verdict.pinned && look !== "bad" ? el("p", el("strong", t("noPolicy"))) : null,
    look === "bad" ? null : el("p.quiet.small", t("limits")),
  );
}

function forkProof({ fork }, { t }) {
  return el("section", el("h2", t("forkHead")), el("p", t("forkSays")), fork.map((note) => el("pre.card", printable(note))));
}

function evidenceTable(verdict, view) {
  const files = view.files.filter((file) => file.kind === "evidence");
  if (!files.length) return null;
  const found = verdict.findings.filter((one) => one.step === 12 && one.params.f);
  const row = (file) => {
    const finding = found.find((one) => one.params.f === file.name);
    const look = finding ? LEVELS[finding.level] : "warn";
    return el(
      "tr",
      el(`td.${look}`, el("strong", finding ? view.t(finding.level) : view.t("notRun"))),
      el("td", el("div.said", printable(file.name)), el("div.hash.quiet", file.sha256 || ""), finding ? el("div", sentenceOf(finding, view)) : null),
    );
  };
  return el("section", el("h2", view.t("filesHead")), el("div.card", el("table", el("tbody", files.map(row)))));
}

function hashLine(label, hash, { t }) {
  const copy = el("button.plain", { type: "button", "aria-label": `${t("copy")}: ${label}` }, t("copy"));
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(hash).then(() => copy.replaceChildren(t("copied")), () => getSelection().selectAllChildren(copy.previousSibling));
  });
  return [el("dt", label), el("dd", el("span.hash", hash), copy)];
}

function facts(verdict, view) {
  const { t, words } = view;
  const seal = verdict.findings.find((one) => one.words === "seal");
  const base = verdict.name.replace(/\.\w+$/, "");
  const json = () => {
    const value = toJson(verdict, verdict.name, { say: (finding) => say(words, finding), titles: words.STEP_TITLES });
    save(`${JSON.stringify(value, null, 2)}\n`, `${base}-verdict.json`, "application/json");
  };
  const button = (name, click, shown = true) => (shown ? el("button", { type: "button", click }, t(name)) : null);
  return el(
    "section",
    el("h2", t("facts")),
    el(
      "div.card",
      el(
        "dl",
        verdict.facts ? [el("dt", t("log")), el("dd.said", `${printable(verdict.facts.origin)} · ${t("entries", { n: verdict.facts.size })}`)] : null,
        seal ? [el("dt", t("seal")), el("dd.said", printable(seal.params.c))] : null,
        verdict.hash ? hashLine(t("fileHash"), verdict.hash, view) : null,
        verdict.revision0 ? hashLine(t("rev0Hash"), hex(sha256(verdict.revision0)), view) : null,
      ),
      el(
        "div.row",
        button("saveRev0", () => save(verdict.revision0, `${base}-revision-0.pdf`, "application/pdf"), verdict.revision0),
        button("saveBundle", () => save(verdict.bundle, "custody-proof.json", "application/json"), verdict.bundle),
        button("saveJson", json),
        button("print", () => print()),
      ),
    ),
  );
}

function steps(verdict, view) {
  return el("section", el("h2", view.t("steps")), Array.from({ length: STEPS }, (_, step) => oneStep(step, verdict, view)));
}

function oneStep(step, { findings }, view) {
  const { t, words } = view;
  const own = findings.filter((one) => one.step === step);
  const levels = own.map((one) => one.level);
  const worst = levels.includes("failure") ? "failure" : levels.includes("remark") ? "remark" : "ok";
  const skipped = own.length === 1 && own[0].code === "step-not-run";
  const finding = (one) =>
    el(`p.finding.${LEVELS[one.level]}`, el("span", sentenceOf(one, view)), one.code === "passed" ? null : el("code.quiet", ` ${one.code}`));
  return el(
    "details.step",
    { open: worst === "failure" || (worst === "remark" && !skipped) },
    el("summary", el(`span.state.${LEVELS[worst]}`, { translate: "no" }, skipped ? t("notRun") : t(worst)), `${step}  ${words.STEP_TITLES[step]}`),
    own.map(finding),
  );
}
