// SHAKE128 and SHAKE256 (FIPS 202), for ML-DSA only: short inputs, so 64-bit lanes as BigInt are fast enough.

const MASK = (1n << 64n) - 1n;
const ROUNDS = 24;

// Rotations along the walk of rho and pi, and the round constants from their shift register (FIPS 202, 3.2).
const WALK = [];
const CONSTANTS = [];
for (let round = 0, x = 1, y = 0, turn = 0; round < ROUNDS; round++) {
  turn += round + 1;
  WALK.push([x + 5 * y, BigInt(turn % 64)]);
  [x, y] = [y, (2 * x + 3 * y) % 5];
}
for (let round = 0, register = 1; round < ROUNDS; round++) {
  let constant = 0n;
  for (let bit = 0; bit < 7; bit++) {
    if (register & 1) constant |= 1n << ((1n << BigInt(bit)) - 1n);
    register = (register << 1) ^ (register >> 7 ? 0x171 : 0);
  }
  CONSTANTS.push(constant);
}

const rotate = (lane, by) => ((lane << by) | (lane >> (64n - by))) & MASK;

function permute(a) {
  for (const constant of CONSTANTS) {
    const columns = [0, 1, 2, 3, 4].map((x) => a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20]);
    for (let at = 0; at < 25; at++) a[at] ^= columns[(at + 4) % 5] ^ rotate(columns[(at + 1) % 5], 1n);
    // rho and pi: each lane on the walk takes the one before it, turned.
    let moving = a[1];
    for (const [from, turn] of WALK) {
      const [x, y] = [from % 5, (from - (from % 5)) / 5];
      const to = y + 5 * ((2 * x + 3 * y) % 5);
      [moving, a[to]] = [a[to], rotate(moving, turn)];
    }
    for (let row = 0; row < 25; row += 5) {
      const [p, q, r, s, t] = a.slice(row, row + 5);
      a[row] = p ^ (~q & r & MASK);
      a[row + 1] = q ^ (~r & s & MASK);
      a[row + 2] = r ^ (~s & t & MASK);
      a[row + 3] = s ^ (~t & p & MASK);
      a[row + 4] = t ^ (~p & q & MASK);
    }
    a[0] ^= constant;
  }
}

// A stream of output bytes; `rate` is 168 for SHAKE128, 136 for SHAKE256.
export class Shake {
  constructor(rate, ...parts) {
    this.rate = rate;
    this.lanes = Array(25).fill(0n);
    this.at = 0;
    for (const part of parts) for (const byte of part) this.absorb(byte);
    this.mix(this.at, 0x1f);
    this.mix(rate - 1, 0x80);
    permute(this.lanes);
    this.at = 0;
  }

  mix(at, byte) {
    this.lanes[at >> 3] ^= BigInt(byte) << BigInt(8 * (at & 7));
  }

  absorb(byte) {
    this.mix(this.at++, byte);
    if (this.at === this.rate) {
      permute(this.lanes);
      this.at = 0;
    }
  }

  next() {
    if (this.at === this.rate) {
      permute(this.lanes);
      this.at = 0;
    }
    const lane = this.lanes[this.at >> 3];
    return Number((lane >> BigInt(8 * (this.at++ & 7))) & 255n);
  }

  take(count) {
    return Uint8Array.from({ length: count }, () => this.next());
  }
}

export const shake128 = (...parts) => new Shake(168, ...parts);
export const shake256 = (...parts) => new Shake(136, ...parts);
