// Step 10: outside time stamps over heads of the log, and between which of them each record lies. A stamp counts
// while its certificate is valid, or if a later stamp over a head that contains it renewed it before (RFC 4998).

import { b64, utf8 } from "./bytes.mjs";
import { BadSignature, Malformed, NotIncluded } from "./errors.mjs";
import { formatTime } from "./members.mjs";
import { verifyConsistency } from "./merkle.mjs";
import { parseCheckpoint } from "./note.mjs";
import { NotPinned, checkStamp } from "./timestamp.mjs";

// A person may sign up to a quarter of an hour after the record was made ready, and clocks differ.
const TOLERANCE = 3_600_000;

// Check every stamp, see which count at this time; give the window of each record by its index: {notBefore,
// notAfter} in milliseconds since 1970, null where no stamp bounds it.
export async function checkTimes(reading, checkpoint, pins, at, audit, breathe) {
  const holding = await holdingOf(reading, checkpoint, pins, audit, breathe);
  const counting = countingOf(holding, at, audit);
  const windows = windowsOf(reading, counting);
  if (!reading.parts.anchors.length) audit.add("no-time-stamp");
  else if (counting.length) sayWhatIsBounded(counting, windows, audit);
  compareStatedTimes(reading, windows, audit);
  return windows;
}

// The stamps that a pinned authority made over a head of this log: {size (BigInt), index (of its record), stamp}.
async function holdingOf(reading, checkpoint, pins, audit, breathe) {
  const places = placesOf(reading);
  const found = [];
  let notPinned = 0;
  for (const { checkpoint: text, token, proof } of reading.parts.anchors) {
    await breathe?.(10, found.length, reading.parts.anchors.length);
    try {
      const { size } = headOf(text, proof, checkpoint);
      const stamp = await checkStamp(token, utf8(text), pins);
      found.push({ size, index: places.get(`${text} ${b64(token)}`), stamp });
    } catch (error) {
      if (error instanceof NotPinned) notPinned += 1;
      else if (error instanceof NotIncluded) audit.add("anchor-fork", { d: error.message });
      else if (error instanceof Malformed || error instanceof BadSignature) audit.add("anchor-invalid", { d: error.message });
      else throw error;
    }
  }
  if (notPinned) audit.add("anchor-not-pinned", { n: notPinned });
  return found;
}

// The stamped head, with which this log must begin.
function headOf(text, proof, checkpoint) {
  const head = parseCheckpoint(text);
  if (head.origin !== checkpoint.origin) throw new NotIncluded(`It is the head of the log ${head.origin}.`);
  verifyConsistency(head.size, head.root, checkpoint.size, checkpoint.root, proof);
  return head;
}

// Where in the log each stamp lies; the first place counts.
function placesOf(reading) {
  const found = new Map();
  for (const { record, index } of reading.records) {
    if (record.type !== "anchor") continue;
    const name = `${record.extra.checkpoint} ${record.extra.token}`;
    if (!found.has(name)) found.set(name, index);
  }
  return found;
}

// A renewal covers a larger head, so from the largest head down each stamp's renewal has been judged before.
function countingOf(anchors, at, audit) {
  const counting = [];
  const old = { "anchor-renewed": new Map(), "anchor-expired": new Map() };
  for (const anchor of [...anchors].sort((one, other) => Number(other.size > one.size) - Number(other.size < one.size))) {
    const { stamp } = anchor;
    const valid = at <= stamp.expires;
    const renewed = !valid && isRenewed(anchor, counting);
    if (valid || renewed) counting.push(anchor);
    if (!valid) old[renewed ? "anchor-renewed" : "anchor-expired"].set(stamp.pin, stamp);
  }
  for (const [code, stamps] of Object.entries(old)) {
    for (const { authority, expires } of stamps.values()) audit.add(code, { a: authority, t: formatTime(expires).slice(0, 10) });
  }
  return counting;
}

function isRenewed({ index, stamp }, later) {
  return index !== undefined && later.some((one) => one.size > BigInt(index) && one.stamp.latest <= stamp.expires);
}

// Each record lies behind the stamps below what its signer saw, and before those over heads that cover it.
function windowsOf(reading, anchors) {
  const below = bounds(anchors.filter((one) => one.index !== undefined).map(({ index, stamp }) => [BigInt(index), stamp.earliest]), 1);
  const above = bounds(anchors.map(({ size, stamp }) => [size, stamp.latest]), -1);
  const windows = new Map();
  for (const { record, index } of reading.records) {
    windows.set(index, {
      notBefore: lastBelow(below, (place) => place < BigInt(record.seen.size)),
      notAfter: lastBelow(above, (size) => size > BigInt(index)),
    });
  }
  return windows;
}

// [place, time] in the order of places (sign 1: ascending, the greatest time so far; -1: descending, the least).
function bounds(pairs, sign) {
  const sorted = pairs.sort(([one], [other]) => sign * (Number(one > other) - Number(one < other)));
  let best = null;
  return sorted.map(([place, time]) => {
    best = best === null ? time : sign > 0 ? Math.max(best, time) : Math.min(best, time);
    return [place, best];
  });
}

// The bound of the last place of which `covers` is true; it is true of all before it. By halving: there may be many.
function lastBelow(sorted, covers) {
  let low = 0;
  for (let high = sorted.length; low < high; ) {
    const middle = (low + high) >> 1;
    if (covers(sorted[middle][0])) low = middle + 1;
    else high = middle;
  }
  return low ? sorted[low - 1][1] : null;
}

function sayWhatIsBounded(anchors, windows, audit) {
  const names = [...new Set(anchors.map((anchor) => anchor.stamp.authority))].sort();
  audit.passed(10, "stamps", { n: anchors.length, a: names.join(", ") });
  const closed = [...windows.values()].filter((window) => window.notAfter !== null);
  audit.passed(10, "windows", { n: closed.length, w: windows.size, b: closed.filter((window) => window.notBefore !== null).length });
}

// Remark on a stated time that the stamps exclude, or that goes back in the order of the log.
function compareStatedTimes(reading, windows, audit) {
  let latest = -Infinity;
  for (const { record, index } of reading.records) {
    const { notBefore, notAfter } = windows.get(index);
    const early = notBefore !== null && notBefore - record.time > TOLERANCE;
    const late = notAfter !== null && record.time - notAfter > TOLERANCE;
    if (early || late) audit.add("time-outside-window", { t: formatTime(record.time), ...windowParams(windows.get(index)) }, index);
    if (latest - record.time > TOLERANCE) audit.add("time-backwards", { t: formatTime(record.time), l: formatTime(latest) }, index);
    latest = Math.max(latest, record.time);
  }
}

const windowParams = ({ notBefore, notAfter }) => ({
  b: notBefore === null ? "" : formatTime(notBefore),
  a: notAfter === null ? "" : formatTime(notAfter),
});
