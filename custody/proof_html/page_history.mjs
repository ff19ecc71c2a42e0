// The chain of custody as a line of time: per item who did what when, with what is withheld marked as such.

import { isMap } from "./canonical.mjs";
import { el, printable } from "./dom.mjs";
import { formatTime } from "./members.mjs";
import { capital, nameOf, say } from "./words.mjs";

// The moments when an item changes hands, which the eye should find first.
const MOVES = ["item.intake", "transfer.approve"];
// The claim that says which exhibit an item is.
const EXHIBIT_FIELD = "exhibit";

export function showHistory(verdict, view, unproven) {
  const { t } = view;
  const items = new Map();
  for (const event of verdict.events) {
    for (const { item } of event.subjects || []) {
      if (!items.has(item)) items.set(item, []);
      items.get(item).push(event);
    }
  }
  const rest = verdict.events.filter((event) => !event.subjects?.length);
  return el(
    `section${unproven ? ".unproven" : ""}`,
    el("h2", t("history")),
    el("p.quiet", unproven ? el("strong.bad", t("notProven")) : t("historyNote")),
    [...items].map(([item, events]) =>
      el("div.card", el("h3", itemTitle(item, events, view)), el("p.quiet", summary(verdict, item, view)), line(events, view, item)),
    ),
    rest.length ? el("details", el("summary", el("strong", t("otherEvents")), ` (${rest.length})`), line(rest, view)) : null,
  );
}

// What step 8 found about the item: whether its history is whole, and who holds it.
function summary({ findings }, item, { words }) {
  const found = findings.filter((one) => one.step === 8 && one.params.m === `item ${item}`).map((one) => say(words, one));
  return printable(capital(found.join(" ").replace(/^[^:]*: /, "")));
}

function itemTitle(item, events, { words }) {
  const exhibit = events.flatMap((event) => event.statements || []).find((one) => one.field === EXHIBIT_FIELD && one.opened);
  const name = capital(nameOf(words, `item ${item}`));
  return [
    exhibit ? el("span.said", `${printable(said(exhibit.value))} · `) : null,
    el(exhibit ? "span.quiet.small" : "span", name),
  ];
}

const line = (events, view, item) => el(events.length > 200 ? "ol.line.long" : "ol.line", events.map((event) => oneEvent(event, view, item)));

function oneEvent(event, view, item) {
  const { t, words } = view;
  const place = t("entryNo", { i: event.index });
  if (event.erasedBy !== undefined) {
    return el("li", el("time.quiet", "—"), el("div.what.erased", el("span.withheld", t("erased", { o: event.erasedBy })), el("span.quiet.small", ` (${place})`)));
  }
  const own = event.subjects.find((subject) => subject.item === item);
  const numbers = own ? `${t("recordNo", { n: own.seq })}, ${place}` : place;
  const roles = event.roles.map((role) => words.roles[role]).join(", ") || t("unknown");
  const signer = event.name ? el("span.said", printable(event.name)) : `${t("person")} ${event.person || t("unknown")}`;
  const about = event.keys.filter((key) => key !== event.actor);
  const closed = event.statements.filter((one) => !one.opened).map((one) => one.field);
  return el(
    "li",
    moment(event.time, view.language),
    el(
      `div.what${MOVES.includes(event.type) ? ".moved" : ""}`,
      el("strong", capital(words.types[event.type])),
      el("span.quiet.small", ` (${numbers})`),
      stamped(event.window, t),
      el("div", `${t("signedBy")} `, signer, ` (${roles})`),
      el("div.quiet.small", `${t("key")} `, el("span.hash", event.actor)),
      about.map((key) => el("div.quiet.small", `${t("aboutKey")} `, el("span.hash", key))),
      el("dl", event.statements.filter((one) => one.opened).map(statement)),
      closed.length ? el("div.small.withheld", `${t("withheldHead")} ${closed.join(", ")}`) : null,
    ),
  );
}

// Between which times outside authorities bound the record, in UTC as they state it.
function stamped({ notBefore, notAfter }, t) {
  const bound = (name, time) => (time === null ? [] : [t(name, { t: formatTime(time).replace("T", " ").replace("Z", " UTC") })]);
  const bounds = [...bound("notBefore", notBefore), ...bound("notAfter", notAfter)];
  return bounds.length ? el("div.small", `${t("window")} ${bounds.join(", ")}`) : null;
}

function statement({ field, value }) {
  const isHash = typeof value === "string" && /^[0-9a-f]{40,}$/.test(value);
  return [el("dt", field), el("dd", el(isHash ? "span.hash" : "span.said", printable(said(value))))];
}

function said(value) {
  if (typeof value === "string") return value;
  if (isMap(value)) return Object.entries(value).map(([name, part]) => `${name}: ${said(part)}`).join("\n");
  return Array.isArray(value) ? value.map(said).join("\n") : String(value);
}

const formats = new Map();

// In the viewer's zone, with its offset, because two readers may sit in two zones; the stated UTC stays at hand.
function moment(time, language) {
  if (!formats.has(language)) {
    const options = { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" };
    formats.set(language, new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { ...options, timeZoneName: "longOffset" }));
  }
  const parts = formats.get(language).formatToParts(time);
  const zone = parts.find((part) => part.type === "timeZoneName")?.value ?? "";
  const date = parts.filter((part) => ["day", "month", "year"].includes(part.type)).map((part) => part.value).join(" ");
  const hour = parts.filter((part) => ["hour", "minute", "second"].includes(part.type)).map((part) => part.value).join(":");
  const written = formatTime(time);
  return el("time", { datetime: written, title: written }, el("div", date), el("div.quiet.small", `${hour} ${zone === "GMT" ? "UTC+00:00" : zone.replace("GMT", "UTC")}`));
}
