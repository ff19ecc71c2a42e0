// SHA-256 (FIPS 180-4), for text of any length in pieces. WebCrypto's digest answers later and only for whole
// buffers: a proof needs tens of thousands of hashes of 65 bytes, and an evidence file does not fit into memory.

// FIPS 180-4, 4.2.2 and 5.3.3: the first 32 bits behind the point of the cube roots of the first 64 primes, and of
// the square roots of the first 8; here as whole numbers, so that nothing is rounded.
const PRIMES = [];
for (let n = 2n; PRIMES.length < 64; n++) if (PRIMES.every((prime) => n % prime)) PRIMES.push(n);

function root(value, power) {
  let found = 0n;
  for (let bit = 1n << 40n; bit; bit >>= 1n) if ((found + bit) ** power <= value) found += bit;
  return Number(BigInt.asIntN(32, found));
}

const K = Int32Array.from(PRIMES, (prime) => root(prime << 96n, 3n));
const H = Int32Array.from(PRIMES.slice(0, 8), (prime) => root(prime << 64n, 2n));
const W = new Int32Array(64);

function compress(state, bytes, at) {
  for (let i = 0; i < 16; i++, at += 4) {
    W[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
  for (let i = 16; i < 64; i++) {
    const x = W[i - 15];
    const y = W[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    W[i] = (W[i - 16] + s0 + W[i - 7] + s1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

export class Sha256 {
  constructor() {
    this.state = H.slice();
    this.rest = new Uint8Array(64);
    this.held = 0; // bytes in `rest`
    this.length = 0;
  }

  update(bytes) {
    this.length += bytes.length;
    let at = 0;
    if (this.held) {
      at = Math.min(64 - this.held, bytes.length);
      this.rest.set(bytes.subarray(0, at), this.held);
      this.held += at;
      if (this.held < 64) return this;
      compress(this.state, this.rest, 0);
    }
    for (; at + 64 <= bytes.length; at += 64) compress(this.state, bytes, at);
    this.rest.set(bytes.subarray(at));
    this.held = bytes.length - at;
    return this;
  }

  // Give the hash of what was taken in so far; more may follow.
  digest() {
    const state = this.state.slice();
    const bits = BigInt(this.length) * 8n;
    const end = new Uint8Array(this.held < 56 ? 64 : 128);
    end.set(this.rest.subarray(0, this.held));
    end[this.held] = 0x80;
    new DataView(end.buffer).setBigUint64(end.length - 8, bits);
    for (let at = 0; at < end.length; at += 64) compress(state, end, at);
    const out = new Uint8Array(32);
    const view = new DataView(out.buffer);
    state.forEach((word, i) => view.setInt32(4 * i, word));
    return out;
  }
}

export function sha256(...parts) {
  const hash = new Sha256();
  for (const part of parts) hash.update(part);
  return hash.digest();
}
