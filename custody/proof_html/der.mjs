// DER, the one strict encoding of ASN.1, as a tree of elements {tag, content, raw}. Refuses every second
// spelling of the same value. Object identifiers are compared as encoded bytes in hexadecimal digits.

import { hex } from "./bytes.mjs";
import { require } from "./errors.mjs";

// Which part it is, the Python verifier says.
const FORM = "A DER element is not in its one form.";

export const BOOLEAN = 0x01;
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const NULL = 0x05;
export const OID = 0x06;
export const GENERALIZED_TIME = 0x18;
export const SEQUENCE = 0x30;
export const SET = 0x31;
const MAX_LENGTH_BYTES = 4;
const MAX_CHILDREN = 1_000;

export const context = (number) => 0xa0 | number;

// The element at the beginning; the caller must judge what follows.
export function readFirst(data) {
  require(data.length >= 2, FORM);
  const tag = data[0];
  let length = data[1];
  require((tag & 0x1f) !== 0x1f, FORM);
  let body = 2;
  if (length & 0x80) {
    const count = length & 0x7f;
    const right = count >= 1 && count <= MAX_LENGTH_BYTES && data.length >= body + count;
    require(right, FORM);
    length = parseInt(hex(data.subarray(body, body + count)), 16);
    require(length >= 0x80 && data[body] !== 0, FORM);
    body += count;
  }
  require(body + length <= data.length, FORM);
  return { tag, content: data.subarray(body, body + length), raw: data.subarray(0, body + length) };
}

// Bytes that are exactly one element.
export function readDer(data) {
  const element = readFirst(data);
  require(element.raw.length === data.length, FORM);
  return element;
}

// The elements inside a constructed element; they must fill it exactly.
export function children(element) {
  const found = [];
  for (let at = 0; at < element.content.length; at += found[found.length - 1].raw.length) {
    require(found.length < MAX_CHILDREN, FORM);
    found.push(readFirst(element.content.subarray(at)));
  }
  return found;
}

export function onlyChild(element) {
  const found = children(element);
  require(found.length === 1, FORM);
  return found[0];
}

export function expect(element, tag) {
  require(element.tag === tag, FORM);
  return element;
}

// Takes the children of a sequence one after another; nothing may be left at the end.
export class Parts {
  constructor(element) {
    this.left = children(expect(element, SEQUENCE));
  }

  take(tag) {
    require(this.left.length, FORM);
    return expect(this.left.shift(), tag);
  }

  takeIf(tag) {
    return this.left[0]?.tag === tag ? this.left.shift() : null;
  }

  end() {
    require(!this.left.length, FORM);
  }
}

// A whole number from 0 to 32767 in its shortest form.
export function smallInteger(element) {
  const { content } = expect(element, INTEGER);
  const number = content.length === 2 ? content[0] * 256 + content[1] : content[0];
  const shortest = content.length === (number < 0x80 ? 1 : 2) && content[0] < 0x80;
  require(shortest, FORM);
  return number;
}
