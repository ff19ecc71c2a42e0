// Verify ML-DSA-44 (FIPS 204, pure, empty context): algorithms 3 and 8. Verification only, so nothing here is
// secret and nothing must be constant in time. Products of two coefficients stay below 2^53.

import { same } from "./bytes.mjs";
import { shake128, shake256 } from "./keccak.mjs";

export const PUBLIC_SIZE = 1312;
export const SIGNATURE_SIZE = 2420;
const Q = 8380417;
const N = 256;
const D = 13;
const TAU = 39;
const GAMMA1 = 1 << 17;
const GAMMA2 = (Q - 1) / 88;
const K = 4;
const L = 4;
const BETA = 78;
const OMEGA = 80;
const ZETA = 1753;

const mod = (value) => ((value % Q) + Q) % Q;

const reversed = (byte) => {
  let out = 0;
  for (let bit = 0; bit < 8; bit++) out |= ((byte >> bit) & 1) << (7 - bit);
  return out;
};

function power(base, exponent) {
  let result = 1;
  for (let factor = base, left = exponent; left; left >>= 1) {
    if (left & 1) result = (result * factor) % Q;
    factor = (factor * factor) % Q;
  }
  return result;
}

const ZETAS = Array.from({ length: N }, (_, at) => power(ZETA, reversed(at)));

// Algorithm 41
function ntt(poly) {
  const w = [...poly];
  for (let m = 0, length = 128; length >= 1; length >>= 1) {
    for (let start = 0; start < N; start += 2 * length) {
      const zeta = ZETAS[++m];
      for (let at = start; at < start + length; at++) {
        const t = (zeta * w[at + length]) % Q;
        w[at + length] = mod(w[at] - t);
        w[at] = (w[at] + t) % Q;
      }
    }
  }
  return w;
}

// Algorithm 42; 8347681 is the inverse of 256.
function inverseNtt(poly) {
  const w = [...poly];
  for (let m = N, length = 1; length < N; length *= 2) {
    for (let start = 0; start < N; start += 2 * length) {
      const zeta = Q - ZETAS[--m];
      for (let at = start; at < start + length; at++) {
        const t = w[at];
        w[at] = (t + w[at + length]) % Q;
        w[at + length] = (zeta * mod(t - w[at + length])) % Q;
      }
    }
  }
  return w.map((value) => (value * 8347681) % Q);
}

// Numbers of `width` bits each, least significant bit first.
function unpack(bytes, width) {
  const found = [];
  let hold = 0;
  let count = 0;
  for (const byte of bytes) {
    hold += byte * 2 ** count;
    for (count += 8; count >= width; count -= width) {
      found.push(hold % 2 ** width);
      hold = Math.floor(hold / 2 ** width);
    }
  }
  return found;
}

// Algorithm 30: one polynomial of the matrix A, by rejection.
function matrixEntry(rho, column, row) {
  const stream = shake128(rho, [column, row]);
  const found = [];
  while (found.length < N) {
    const [low, middle, high] = stream.take(3);
    const value = low | (middle << 8) | ((high & 0x7f) << 16);
    if (value < Q) found.push(value);
  }
  return found;
}

// Algorithm 29: the challenge, with TAU coefficients of 1 or -1.
function sampleInBall(seed) {
  const stream = shake256(seed);
  const signs = stream.take(8);
  const c = Array(N).fill(0);
  for (let at = N - TAU; at < N; at++) {
    let place = stream.next();
    while (place > at) place = stream.next();
    c[at] = c[place];
    const bit = at + TAU - N;
    c[place] = (signs[bit >> 3] >> (bit & 7)) & 1 ? Q - 1 : 1;
  }
  return c;
}

// Algorithm 21: the hints, in their one spelling; null for any other.
function unpackHints(bytes) {
  const hints = Array.from({ length: K }, () => new Set());
  let at = 0;
  for (let row = 0; row < K; row++) {
    const end = bytes[OMEGA + row];
    if (end < at || end > OMEGA) return null;
    for (const first = at; at < end; at++) {
      if (at > first && bytes[at - 1] >= bytes[at]) return null;
      hints[row].add(bytes[at]);
    }
  }
  return bytes.subarray(at, OMEGA).some(Boolean) ? null : hints;
}

// Algorithms 36, 37, 40: the high part of r, moved by one if the hint says so.
function useHint(hint, r) {
  let low = r % (2 * GAMMA2);
  if (low > GAMMA2) low -= 2 * GAMMA2;
  const wraps = r - low === Q - 1;
  const high = wraps ? 0 : (r - low) / (2 * GAMMA2);
  if (wraps) low -= 1;
  if (!hint) return high;
  return (high + (low > 0 ? 1 : 43)) % 44;
}

// Six bits for each coefficient, least significant first.
function packHigh(poly) {
  const bytes = new Uint8Array((N * 6) / 8);
  poly.forEach((value, at) => {
    const bit = 6 * at;
    bytes[bit >> 3] |= value << (bit & 7);
    if ((bit & 7) > 2) bytes[(bit >> 3) + 1] |= value >> (8 - (bit & 7));
  });
  return bytes;
}

// Tell whether the raw public key made this signature over the message.
export function verifyMlDsa44(publicKey, signature, message) {
  if (publicKey.length !== PUBLIC_SIZE || signature.length !== SIGNATURE_SIZE) return false;
  const rho = publicKey.subarray(0, 32);
  const seed = signature.subarray(0, 32);
  const z = [];
  for (let at = 0; at < L; at++) z.push(unpack(signature.subarray(32 + 576 * at, 608 + 576 * at), 18).map((value) => GAMMA1 - value));
  const hints = unpackHints(signature.subarray(32 + 576 * L));
  if (!hints || z.some((poly) => poly.some((value) => Math.abs(value) >= GAMMA1 - BETA))) return false;
  const mu = shake256(shake256(publicKey).take(64), [0, 0], message).take(64);
  const challenge = ntt(sampleInBall(seed));
  const zHat = z.map((poly) => ntt(poly.map(mod)));
  const rows = hints.map((hint, row) => {
    const t1 = unpack(publicKey.subarray(32 + 320 * row, 352 + 320 * row), 10);
    const sum = ntt(t1.map((value) => value * 2 ** D)).map((value, at) => Q - ((value * challenge[at]) % Q));
    zHat.forEach((poly, column) => {
      const entry = matrixEntry(rho, column, row);
      for (let at = 0; at < N; at++) sum[at] = (sum[at] + entry[at] * poly[at]) % Q;
    });
    return packHigh(inverseNtt(sum).map((value, at) => useHint(hint.has(at), value)));
  });
  return same(seed, shake256(mu, ...rows).take(32));
}
