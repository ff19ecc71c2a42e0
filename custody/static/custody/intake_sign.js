// What arrived and waits for the examiner's signature: the table with whole digests, the comparison with this
// browser's own, and one passphrase for as many signatures as there are exhibits. Each is a record of its own.

import { askToSign, call, keyToSign, Refused, signAct } from "./sign.js";
import { setDigest } from "./digest_text.js";
import { forgetDigest, ownDigest } from "./intake_file.js";
import { octets } from "./sizes.js";

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function digestLine(name, value) {
  const line = element("div", "", "digest");
  line.append(element("span", name, "digest-name"), setDigest(element("code", "", "hash"), value));
  return line;
}

export class Signing {
  // `sealed` hears the id of each upload whose intake was signed.
  constructor(root, sealed) {
    this.root = root;
    this.sealed = sealed;
    this.uploads = [];
    this.left = new Set(); // what the examiner chose not to sign now
    this.find("sign").addEventListener("click", () => this.sign());
  }

  find(name) {
    return this.root.querySelector(`[data-${name}]`);
  }

  take(uploads) {
    this.uploads = uploads;
  }

  // Tell whether something is still being read back.
  waits() {
    return this.uploads.some((upload) => upload.state === "received");
  }

  ready() {
    return this.uploads.filter((upload) => upload.state === "ready_to_sign");
  }

  differs(upload) {
    const own = ownDigest(upload.id);
    return own !== "" && own !== upload.sha256;
  }

  chosen() {
    return this.ready().filter((upload) => !this.left.has(upload.id) && !this.differs(upload));
  }

  // Draw the table when what it shows has changed; a digest may have been computed meanwhile.
  show() {
    const now = JSON.stringify([this.uploads.map((upload) => [upload.id, upload.state, ownDigest(upload.id)]), this.busy]);
    if (now === this.shown) return;
    this.shown = now;
    const ready = this.ready();
    this.find("none").hidden = ready.length > 0;
    this.find("table").hidden = !ready.length;
    this.find("ready").replaceChildren(...ready.map((upload) => this.row(upload)));
    const troubled = this.uploads.filter((upload) => ["failed", "quarantined"].includes(upload.state));
    this.find("troubled").hidden = !troubled.length;
    this.find("trouble").replaceChildren(...troubled.map(troubleLine));
    this.count();
  }

  count() {
    const button = this.find("sign");
    const number = this.chosen().length;
    button.hidden = !this.ready().length;
    button.disabled = !number || Boolean(this.busy);
    button.textContent = `Sign intake of ${number} exhibit${number === 1 ? "" : "s"}`;
  }

  row(upload) {
    const row = document.createElement("tr");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.className = "form-check-input";
    box.checked = !this.left.has(upload.id) && !this.differs(upload);
    box.disabled = this.differs(upload);
    box.setAttribute("aria-label", `Sign for ${upload.exhibit_number}`);
    box.onchange = () => {
      if (box.checked) this.left.delete(upload.id);
      else this.left.add(upload.id);
      this.count();
    };
    const what = element("td");
    what.append(element("strong", upload.exhibit_number), document.createElement("br"), element("span", upload.filename, "file"));
    what.append(document.createElement("br"), element("span", `${octets(upload.size)}, ${upload.content_type}`, "quiet small"));
    const digests = element("td");
    digests.append(digestLine("SHA-256", upload.sha256), digestLine("BLAKE3", upload.blake3));
    const cell = element("td");
    cell.append(box);
    row.append(cell, what, digests, this.compared(upload));
    return row;
  }

  compared(upload) {
    const own = ownDigest(upload.id);
    const cell = document.createElement("td");
    if (!own) cell.append(element("span", "not computed in this browser", "quiet small"));
    else if (!this.differs(upload)) cell.append(element("span", "same as computed in this browser", "good small"));
    else {
      const words = "DIFFERENT from what this browser computed. Do not sign; give the file in again.";
      cell.append(element("span", words, "wrong small"), digestLine("here", own));
    }
    return cell;
  }

  // ---- signing ----

  async sign() {
    const problem = this.find("sign-problem");
    problem.hidden = true;
    const chosen = this.chosen();
    this.busy = true;
    this.count();
    try {
      const mine = await keyToSign();
      const first = await call("POST", "/drafts/", { act: "item.intake", params: { upload: chosen[0].id }, keyid: mine.keyid });
      const key = await askToSign(asOne(first, chosen), mine, null, chosen.length);
      if (key) await this.signAll(chosen, key);
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
      problem.focus();
    } finally {
      this.busy = false;
      this.count();
    }
  }

  async signAll(chosen, key) {
    const refused = [];
    for (const [at, upload] of chosen.entries()) {
      this.find("sign-progress").textContent = `Signing ${at + 1} of ${chosen.length}: ${upload.exhibit_number}`;
      try {
        const done = await signAct("item.intake", { upload: upload.id }, key, (draft) => sameAsShown(draft, upload));
        this.uploads = this.uploads.filter((one) => one.id !== upload.id);
        this.showSigned(upload, done);
        forgetDigest(upload.id);
        this.sealed(upload.id);
      } catch (error) {
        refused.push(`${upload.exhibit_number}: ${error.message}`);
      }
    }
    this.find("sign-progress").textContent = `${chosen.length - refused.length} of ${chosen.length} signed.`;
    this.show();
    if (refused.length) throw new Refused({ detail: `Not signed: ${refused.join(" ")}` });
  }

  showSigned(upload, done) {
    document.getElementById("signed").hidden = false;
    const line = document.createElement("li");
    const item = element("a", upload.exhibit_number);
    item.href = `/items/${done.result.item}/`;
    const receipt = element("a", `Receipt of record ${done.entry}`, "row-end");
    receipt.href = done.receipt_url;
    receipt.dataset.receipt = done.entry;
    line.append(item, ` ${upload.filename}`, receipt);
    this.find("signed").append(line);
  }
}

function troubleLine(upload) {
  const line = document.createElement("li");
  const words = element("span", `${upload.exhibit_number}, ${upload.filename}: ${upload.state_words}. ${upload.problem}`, "file");
  line.append(words);
  if (upload.item) {
    const link = element("a", "See the record");
    link.href = `/items/${upload.item}/`;
    line.append(link);
  }
  return line;
}

// The dialog for many: every exhibit with its digest; below it, the first record as an example of all.
function asOne(first, chosen) {
  const lines = chosen.map((upload) => ({ label: `${upload.exhibit_number} ${upload.filename}`, value: upload.sha256 }));
  const head = { label: "Take in", value: `${chosen.length} exhibit${chosen.length === 1 ? "" : "s"}, each with a record of its own` };
  return { ...first, summary: [head, ...lines] };
}

// What the table showed must be what is signed.
function sameAsShown(draft, upload) {
  const stated = Object.fromEntries(draft.openings.map(({ field, value }) => [field, value]));
  for (const [field, value] of Object.entries({
    sha256: upload.sha256,
    blake3: upload.blake3,
    exhibit: upload.exhibit_number,
    filename: upload.filename,
    size: upload.size,
  })) {
    if (stated[field] !== value) throw new Refused({ detail: `The record would state another ${field} than this page shows.` });
  }
}
