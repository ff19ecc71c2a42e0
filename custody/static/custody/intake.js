// The intake page: reads the exhibit form, sends many files two at a time, resumes what was begun before, and
// asks the server how far each is. The signature over what arrived is intake_sign.js.

import { call, hideProblem, showProblem, withOffset } from "./sign.js";
import { FileOnItsWay, fingerprint, forget, FormProblem, storedFingerprint } from "./intake_file.js";
import { Signing } from "./intake_sign.js";
import { Meter, octets } from "./sizes.js";

const AT_ONCE = 2; // more only compete for the same line
const ASK_EVERY = 2000;
const SAY_EVERY = 10000; // a screen reader is told no more often

const root = document.getElementById("intake");
const sheet = document.getElementById("sheet");
const find = (name) => root.querySelector(`[data-${name}]`);
const files = []; // FileOnItsWay, in the order of the page
let unfinished = []; // uploads that the server waits for and no file of this page belongs to
const whole = new Meter();
let saidAt = 0;
let asking = null;

// ---- the form ----

function sheetParams() {
  const params = { case: root.dataset.case, source: {} };
  for (const field of sheet.elements) {
    if (!field.name) continue;
    const value = field.type === "datetime-local" ? withOffset(field.value) : field.value;
    if (field.name.startsWith("source.")) params.source[field.name.slice(7)] = value;
    else params[field.name] = value;
  }
  return params;
}

// ---- adding files ----

// The number after this one: its last digits, one more, as wide as they were.
function after(number) {
  const match = /^(.*?)(\d{1,9})$/.exec(number);
  return match ? match[1] + String(Number(match[2]) + 1).padStart(match[2].length, "0") : `${number}-2`;
}

function nextNumber() {
  const taken = new Set([...files.map((file) => file.number), ...unfinished.map((upload) => upload.exhibit_number)]);
  let number = document.getElementById("first-number").value.trim() || "EX-001";
  while (taken.has(number)) number = after(number);
  return number;
}

// The unfinished upload that this file belongs to: same name and size, and not changed since.
function belongsTo(file) {
  return unfinished.find((upload) => {
    const stored = storedFingerprint(upload.id);
    return upload.filename === file.name && upload.size === file.size && (!stored || stored === fingerprint(file));
  });
}

async function add(chosen) {
  for (const file of chosen) {
    const earlier = belongsTo(file);
    const line = find("file-row").content.firstElementChild.cloneNode(true);
    const one = new FileOnItsWay(file, earlier ? earlier.exhibit_number : nextNumber(), line, changed);
    find("rows").append(line);
    files.push(one);
    wire(one);
    if (earlier) await resume(one, earlier);
  }
  changed();
}

async function resume(one, earlier) {
  unfinished = unfinished.filter((upload) => upload.id !== earlier.id);
  showUnfinished();
  try {
    one.adopt(await call("GET", `/uploads/${earlier.id}/`));
    one.set("queued");
  } catch (problem) {
    one.set("failed", problem.message);
  }
}

function wire(one) {
  one.part("pause-one").onclick = () => one.pause();
  one.part("resume-one").onclick = () => one.set("queued");
  one.part("drop-one").onclick = async () => {
    try {
      await one.giveUp();
      files.splice(files.indexOf(one), 1);
    } catch (problem) {
      one.set("failed", problem.message);
    }
    changed();
  };
}

// ---- sending ----

function start() {
  hideProblem(sheet);
  if (!sheet.reportValidity()) return;
  for (const one of files) {
    if (one.state === "new" || (one.state === "failed" && !one.upload)) one.set("queued");
  }
}

// Begin what waits, as far as there is room. Called whenever a file changes its state.
function pump() {
  const busy = files.filter((one) => one.state === "sending" || one.creating).length;
  const waiting = files.filter((one) => one.state === "queued" && !one.creating);
  for (const one of waiting.slice(0, Math.max(0, AT_ONCE - busy))) send(one);
}

async function send(one) {
  one.creating = true;
  try {
    if (!one.upload) await one.create(sheetParams());
    if (one.state === "queued") one.start();
  } catch (problem) {
    if (!(problem instanceof FormProblem)) throw problem;
    for (const other of files) if (other.state === "queued" && !other.upload) other.set("new");
    showProblem(sheet, problem);
  } finally {
    one.creating = false;
    pump();
  }
}

// ---- progress ----

function changed() {
  const going = files.filter((one) => ["sending", "queued"].includes(one.state));
  const resting = files.filter((one) => one.upload && ["paused", "failed"].includes(one.state));
  if (going.length) document.body.dataset.busy = "sending";
  else delete document.body.dataset.busy;
  find("start").disabled = !files.some((one) => ["new"].includes(one.state) || (one.state === "failed" && !one.upload));
  find("pause").hidden = !going.length;
  find("resume").hidden = !resting.length;
  showOverall(going.length);
  if (files.some((one) => one.state === "received")) ask();
  signing.show();
  pump();
}

function showOverall(going) {
  const begun = files.filter((one) => one.upload || one.state === "queued");
  find("overall").hidden = !begun.length;
  if (!begun.length) return;
  const total = begun.reduce((sum, one) => sum + one.file.size, 0);
  const sent = begun.reduce((sum, one) => sum + one.sent, 0);
  const done = begun.filter((one) => one.sent === one.file.size).length;
  if (going) whole.note(sent);
  else whole.restart();
  find("overall-bar").value = total ? sent / total : 1;
  const words = `${done} of ${begun.length} files sent, ${octets(sent)} of ${octets(total)}. ${whole.words(total - sent)}`;
  find("overall-words").textContent = words;
  if (Date.now() - saidAt > SAY_EVERY || !going) {
    find("overall-said").textContent = words;
    saidAt = Date.now();
  }
}

// ---- what the server says ----

async function states() {
  const response = await fetch(root.dataset.states, { headers: { Accept: "application/json" } });
  if (!response.ok || response.redirected) throw new Error("The states could not be asked for.");
  return (await response.json()).uploads;
}

// Ask until nothing is being read back any more. One question is under way at a time.
function ask() {
  asking ||= setTimeout(async () => {
    try {
      take(await states());
    } catch {
      // Asked again below: the server may be restarting.
    }
    asking = null;
    if (files.some((one) => one.state === "received") || signing.waits()) ask();
  }, ASK_EVERY);
}

function take(uploads) {
  const byId = new Map(uploads.map((upload) => [upload.id, upload]));
  signing.take(uploads);
  for (const one of files) {
    const told = one.upload && byId.get(one.upload.id);
    if (told && one.state === "received" && told.state !== "received" && told.state !== "receiving") {
      forget(told.id);
      one.set(told.state, told.problem);
    }
  }
  signing.show();
}

function showUnfinished() {
  document.getElementById("unfinished").hidden = !unfinished.length;
  find("unfinished").replaceChildren(...unfinished.map(unfinishedLine));
}

function unfinishedLine(upload) {
  const line = document.createElement("li");
  const words = document.createElement("span");
  words.textContent = `${upload.exhibit_number}: ${upload.filename}, ${octets(upload.offset)} of ${octets(upload.size)} arrived`;
  const choose = document.createElement("button");
  choose.type = "button";
  choose.className = "btn btn-outline-secondary btn-sm";
  choose.textContent = "Choose the file";
  choose.onclick = () => find("files").click();
  const giveUp = document.createElement("button");
  giveUp.type = "button";
  giveUp.className = "btn btn-outline-secondary btn-sm";
  giveUp.textContent = "Give up";
  giveUp.onclick = async () => {
    await call("DELETE", `/uploads/${upload.id}/`);
    forget(upload.id);
    unfinished = unfinished.filter((one) => one.id !== upload.id);
    showUnfinished();
  };
  const end = document.createElement("span");
  end.className = "row-end";
  end.append(choose, " ", giveUp);
  line.append(words, end);
  return line;
}

// ---- beginning ----

const signing = new Signing(root, (id) => {
  const one = files.find((file) => file.upload?.id === id);
  if (one) one.set("sealed");
});

const drop = find("drop");
for (const kind of ["dragenter", "dragover"]) {
  drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.add("drop-over");
  });
}
drop.addEventListener("dragleave", () => drop.classList.remove("drop-over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("drop-over");
  add(event.dataTransfer.files);
});
find("files").addEventListener("change", (event) => {
  add([...event.target.files]);
  event.target.value = "";
});
find("start").addEventListener("click", start);
find("pause").addEventListener("click", () => {
  for (const one of files) {
    if (one.state === "sending") one.pause();
    else if (one.state === "queued") one.set(one.upload ? "paused" : "new");
  }
});
find("resume").addEventListener("click", () => {
  for (const one of files) if (one.upload && ["paused", "failed"].includes(one.state)) one.set("queued");
});
window.addEventListener("beforeunload", (event) => {
  if (document.body.dataset.busy) event.preventDefault();
});

const there = await states();
unfinished = there.filter((upload) => upload.state === "receiving");
showUnfinished();
take(there);
if (signing.waits()) ask();
