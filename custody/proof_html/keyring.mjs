// Replay the key events of a log: which key counts at which place, whose it is, and since when it is suspect.
// The order in the log decides, never a stated time.

import { ChainError } from "./errors.mjs";

const refuse = (sentence) => {
  throw new ChainError("key", sentence);
};

export class Keyring {
  constructor() {
    this.keys = new Map(); // key id -> {key, registered, revoked, suspectSince}
  }

  // Take a key event in. Throws ChainError if it contradicts the events before it.
  apply(record, index) {
    for (const key of record.enrols) {
      if (this.keys.has(key.keyid)) refuse(`The key ${key.keyid} is registered already.`);
      this.keys.set(key.keyid, { key, registered: index, revoked: null, suspectSince: null });
    }
    if (record.type === "key.revoke") {
      const history = this.controlled(record.extra.key, record.actor);
      if (history.revoked !== null) refuse("The key is revoked already.");
      history.revoked = index;
    } else if (record.type === "key.suspect") {
      const { keyid, since } = record.extra.key;
      const history = this.controlled(keyid, record.actor);
      history.suspectSince = history.suspectSince === null ? since : Math.min(since, history.suspectSince);
    }
  }

  find(keyid) {
    return this.keys.get(keyid);
  }

  // Throws ChainError unless the key counts at this place.
  checkCounts(history, index) {
    const { key, registered, revoked } = history;
    // Genesis is signed by the root keys it names itself.
    if (index <= registered && !(index === 0 && registered === 0)) refuse(`The key ${key.keyid} was registered only at entry ${registered}.`);
    // At the very place of its revocation a key can only have signed that: its own last act.
    if (revoked !== null && index > revoked) refuse(`The key ${key.keyid} was revoked at entry ${revoked}.`);
  }

  // The key that an event is about; its actor must be an administrator or the key's own person.
  controlled(keyid, actor) {
    const history = this.keys.get(keyid);
    const by = this.keys.get(actor);
    if (!history) refuse(`The key ${keyid} was never registered.`);
    const own = by && by.key.person === history.key.person;
    if (!own && !by?.key.roles.includes("administrator")) refuse("Only an administrator can revoke or suspect another person's key.");
    return history;
  }
}
