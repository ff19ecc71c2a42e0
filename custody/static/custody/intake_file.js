// One file on its way in: its line on the page, its upload at the server, its bytes, its own digest in this
// browser. Which files go when is intake.js's business.

import { call } from "./sign.js";
import { Meter, octets } from "./sizes.js";

// Beyond this a digest in the browser would need more memory than a tab should take.
const LOCAL_DIGEST_MOST = 256 * 1024 * 1024;
const RETRY_AFTER = [0, 1000, 3000, 5000, 10000, 20000, 40000];
// Problems of the file itself; everything else is the form's.
const OF_THE_FILE = ["exhibit_number", "filename", "size", "declared.sha256"];
const STORED = "unbroken.upload.";
const DIGEST = "unbroken.sha256.";

const WORDS = {
  new: "not sent yet",
  queued: "waits its turn",
  sending: "sending",
  paused: "paused",
  failed: "stopped",
  received: "arrived, being read back",
  ready_to_sign: "ready for your signature",
  sealed: "signed",
  quarantined: "quarantined",
};

let digesting = Promise.resolve(); // one at a time: each holds its file in memory

export function fingerprint(file) {
  return `${file.name}|${file.size}|${file.lastModified}`;
}

export function storedFingerprint(id) {
  return localStorage.getItem(STORED + id);
}

export function forget(id) {
  localStorage.removeItem(STORED + id);
}

// The digest that this browser computed for an upload, also before the page was loaded again.
export function ownDigest(id) {
  return localStorage.getItem(DIGEST + id) || "";
}

export function forgetDigest(id) {
  localStorage.removeItem(DIGEST + id);
}

export class FormProblem extends Error {
  constructor(problem) {
    super(problem.message);
    this.fields = problem.fields;
  }
}

export class FileOnItsWay {
  constructor(file, number, line, changed) {
    this.file = file;
    this.line = line;
    this.changed = changed;
    this.state = "new";
    this.sent = 0;
    this.upload = null;
    this.isDigested = false;
    this.meter = new Meter();
    this.part("number").value = number;
    this.part("name").textContent = file.name;
    this.part("size").textContent = octets(file.size);
    this.part("bar").setAttribute("aria-label", `Sent of ${file.name}`);
  }

  part(name) {
    return this.line.querySelector(`[data-${name}]`);
  }

  get number() {
    return this.part("number").value.trim();
  }

  set(state, wrong = "") {
    this.state = state;
    this.line.dataset.state = state;
    this.part("words").textContent = WORDS[state] || state;
    this.part("wrong").textContent = wrong;
    this.part("wrong").hidden = !wrong;
    this.part("pause-one").hidden = state !== "sending";
    this.part("resume-one").hidden = !(this.upload && ["paused", "failed"].includes(state));
    this.part("drop-one").hidden = !["new", "paused", "failed"].includes(state);
    this.part("drop-one").textContent = this.upload ? "Give up" : "Remove";
    if (state !== "sending") this.part("rate").textContent = "";
    if (["ready_to_sign", "sealed", "quarantined"].includes(state)) this.part("bar").hidden = true;
    this.changed();
  }

  // Hand the form in for this file. Throws FormProblem when it is the form that is not complete.
  async create(sheet) {
    const declared = this.part("declared").value.trim().toLowerCase();
    const own = { exhibit_number: this.number, filename: this.file.name, size: this.file.size };
    try {
      this.adopt(await call("POST", "/uploads/", { ...sheet, ...own, declared: declared ? { sha256: declared } : {} }));
    } catch (problem) {
      const names = Object.keys(problem.fields || {});
      const isOurs = problem.code === "exhibit_number" || (names.length && names.every((name) => OF_THE_FILE.includes(name)));
      if (!isOurs) throw new FormProblem(problem);
      this.set("failed", names.map((name) => problem.fields[name]).join(" ") || problem.message);
      this.part("number").focus();
    }
  }

  // Go on with an upload that the server knows.
  adopt(upload) {
    this.upload = upload;
    this.sent = upload.offset;
    localStorage.setItem(STORED + upload.id, fingerprint(this.file));
    this.part("number").value = upload.exhibit_number;
    this.part("number").readOnly = true;
    this.part("declared").hidden = true;
    this.part("bar").hidden = false;
    this.showProgress();
  }

  start() {
    this.meter.restart();
    this.set("sending");
    this.sender ||= new window.tus.Upload(this.file, {
      uploadUrl: this.upload.location,
      chunkSize: this.upload.chunk_bytes,
      retryDelays: RETRY_AFTER,
      storeFingerprintForResuming: false,
      onProgress: (sent) => {
        this.sent = sent;
        this.meter.note(sent);
        this.showProgress();
        this.changed();
      },
      onSuccess: () => this.arrived(),
      onError: (error) => this.set("failed", inWords(error)),
    });
    this.sender.start();
    this.digest();
  }

  arrived() {
    this.sent = this.file.size;
    this.showProgress();
    this.set("received");
  }

  pause() {
    this.sender?.abort();
    this.set("paused");
  }

  showProgress() {
    this.part("bar").value = this.file.size ? this.sent / this.file.size : 1;
    const left = this.file.size - this.sent;
    this.part("rate").textContent = `${octets(this.sent)} of ${octets(this.file.size)}. ${this.meter.words(left)}`;
  }

  // Compute the SHA-256 here too, so that the examiner compares two computations and not one with itself.
  digest() {
    if (this.isDigested || this.file.size > LOCAL_DIGEST_MOST || !window.crypto?.subtle) return;
    this.isDigested = true;
    digesting = digesting.then(async () => {
      try {
        const found = await crypto.subtle.digest("SHA-256", await this.file.arrayBuffer());
        const text = [...new Uint8Array(found)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
        localStorage.setItem(DIGEST + this.upload.id, text);
        this.changed();
      } catch {
        // The file could not be read whole here; the page then says "not computed in this browser".
      }
    });
  }

  async giveUp() {
    this.sender?.abort();
    if (this.upload) {
      await call("DELETE", `/uploads/${this.upload.id}/`);
      forget(this.upload.id);
      forgetDigest(this.upload.id);
    }
    this.line.remove();
  }
}

// The sender's errors quote addresses and headers; a person needs what happened and what to do.
function inWords(error) {
  const status = error.originalResponse?.getStatus?.();
  if (!status) return "The connection was lost. What arrived is kept; go on when it is back.";
  if (status === 403) return "The permission to send has run out; load this page again and choose the file once more.";
  if (status === 423) return "Another connection is still sending this file; wait a moment, then go on.";
  return `The files service refused (${status}). What arrived is kept; go on, or load this page again.`;
}
