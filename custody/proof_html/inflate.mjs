// Unpack zlib data (RFC 1950, 1951). DecompressionStream does not say where the data end, and what follows
// them decides: nothing may hide there. Follows the order of the RFCs; refuses what zlib refuses.

import { Malformed } from "./errors.mjs";

const LENGTHS = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
function fail() {
  throw new Malformed("An embedded file of the PDF cannot be unpacked in exactly one way.");
}

class Bits {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
    this.hold = 0;
    this.count = 0;
  }

  take(count) {
    while (this.count < count) {
      if (this.at >= this.bytes.length) fail();
      this.hold |= this.bytes[this.at++] << this.count;
      this.count += 8;
    }
    const value = this.hold & ((1 << count) - 1);
    this.hold >>>= count;
    this.count -= count;
    return value;
  }

  // One symbol of a canonical code, bit by bit.
  symbol({ counts, symbols }) {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length < 16; length++) {
      code |= this.take(1);
      const count = counts[length];
      if (code - count < first) return symbols[index + code - first];
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    return fail();
  }
}

// A code from the lengths of its symbols. Only a code with a single symbol of one bit may be incomplete.
function makeCode(lengths) {
  const counts = new Uint16Array(16);
  for (const length of lengths) counts[length]++;
  const used = lengths.length - counts[0];
  let left = 1;
  for (let length = 1; length < 16; length++) {
    left = 2 * left - counts[length];
    if (left < 0) fail();
  }
  const tiny = used === 0 || (used === 1 && counts[1] === 1);
  if (left > 0 && !tiny) fail();
  const offsets = [0, 0];
  for (let length = 1; length < 15; length++) offsets[length + 1] = offsets[length] + counts[length];
  const symbols = new Uint16Array(used);
  counts[0] = 0;
  lengths.forEach((length, symbol) => {
    if (length) symbols[offsets[length]++] = symbol;
  });
  return { counts, symbols, tiny };
}

const FIXED = [
  makeCode([...Array(144).fill(8), ...Array(112).fill(9), ...Array(24).fill(7), ...Array(8).fill(8)]),
  makeCode(Array(32).fill(5)),
];

function dynamicCodes(bits) {
  const literals = bits.take(5) + 257;
  const distances = bits.take(5) + 1;
  const given = bits.take(4) + 4;
  if (literals > 286 || distances > 30) fail();
  const first = Array(19).fill(0);
  for (let at = 0; at < given; at++) first[ORDER[at]] = bits.take(3);
  const code = makeCode(first);
  if (code.tiny) fail(); // the code of the codes must be complete
  const lengths = [];
  while (lengths.length < literals + distances) {
    const symbol = bits.symbol(code);
    if (symbol < 16) {
      lengths.push(symbol);
      continue;
    }
    if (symbol === 16 && !lengths.length) fail();
    const value = symbol === 16 ? lengths[lengths.length - 1] : 0;
    let repeat = symbol === 16 ? 3 + bits.take(2) : symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7);
    if (lengths.length + repeat > literals + distances) fail();
    while (repeat--) lengths.push(value);
  }
  if (!lengths[256]) fail(); // no end of the block
  return [makeCode(lengths.slice(0, literals)), makeCode(lengths.slice(literals))];
}

class Output {
  constructor(limit) {
    this.bytes = new Uint8Array(65_536);
    this.length = 0;
    this.limit = limit;
  }

  room(count) {
    if (this.length + count > this.limit) fail();
    if (this.length + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.bytes.length, this.length + count));
    larger.set(this.bytes);
    this.bytes = larger;
  }

  copy(distance, count) {
    if (distance > this.length || distance > 32_768) fail();
    this.room(count);
    for (let end = this.length + count; this.length < end; this.length++) this.bytes[this.length] = this.bytes[this.length - distance];
  }
}

function stored(bits, out) {
  bits.hold = 0;
  bits.count = 0;
  const length = bits.take(16);
  if (bits.take(16) !== (~length & 0xffff)) fail();
  if (bits.at + length > bits.bytes.length) fail();
  out.room(length);
  out.bytes.set(bits.bytes.subarray(bits.at, bits.at + length), out.length);
  out.length += length;
  bits.at += length;
}

function coded(bits, out, [literals, distances]) {
  for (;;) {
    const symbol = bits.symbol(literals);
    if (symbol === 256) return;
    if (symbol < 256) {
      out.room(1);
      out.bytes[out.length++] = symbol;
      continue;
    }
    const at = symbol - 257;
    if (at >= 29) fail();
    const length = LENGTHS[at] + bits.take(LENGTH_BITS[at]);
    const far = bits.symbol(distances);
    if (far >= 30) fail();
    const extra = far < 2 ? 0 : (far >> 1) - 1;
    const start = far < 2 ? far + 1 : ((2 + (far & 1)) << extra) + 1;
    out.copy(start + bits.take(extra), length);
  }
}

function adler32(bytes) {
  let a = 1;
  let b = 0;
  for (let at = 0; at < bytes.length; ) {
    for (const end = Math.min(at + 3800, bytes.length); at < end; at++) {
      a += bytes[at];
      b += a;
    }
    a %= 65_521;
    b %= 65_521;
  }
  return b * 65_536 + a;
}

// The unpacked bytes, at most `limit`, and how many packed ones they took.
export function inflate(packed, limit) {
  const bits = new Bits(packed);
  const [method, flags] = [bits.take(8), bits.take(8)];
  if ((method & 15) !== 8 || method >> 4 > 7 || (method * 256 + flags) % 31 || flags & 32) fail();
  const out = new Output(limit);
  for (let last = 0; !last; ) {
    last = bits.take(1);
    const kind = bits.take(2);
    if (kind === 0) stored(bits, out);
    else if (kind === 3) fail();
    else coded(bits, out, kind === 1 ? FIXED : dynamicCodes(bits));
  }
  bits.hold = 0;
  bits.count = 0;
  const data = out.bytes.subarray(0, out.length);
  let sum = 0;
  for (let count = 0; count < 4; count++) sum = sum * 256 + bits.take(8);
  if (sum !== adler32(data)) fail();
  return { data, used: bits.at };
}
