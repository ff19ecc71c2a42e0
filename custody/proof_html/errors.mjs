// What can be wrong with something that was shown to us. A check returns or throws one of these; any other
// error is a fault of this program and ends in no verdict at all.

export class ProofError extends Error {}

// The bytes are not in the format, or not in its one canonical form.
export class Malformed extends ProofError {}

// A signature does not verify, or the key is not of a kind this format knows.
export class BadSignature extends ProofError {}

// A Merkle proof or a map proof does not lead to the root.
export class NotIncluded extends ProofError {}

// A record breaks the rules of custody; `code` is for machines, the text for people.
export class ChainError extends ProofError {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

// A finding on its way to the audit: `code` is the finding's, `params` fill its sentence.
export class Found extends ProofError {
  constructor(code, params = {}) {
    super(params.d || code);
    this.code = code;
    this.params = params;
  }
}

export function require(holds, sentence) {
  if (!holds) throw new Malformed(sentence);
}
