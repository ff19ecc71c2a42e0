// Sizes, rates and times in words, and the meter that measures them. Knows nothing of uploads.

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"];
const WINDOW = 12000; // a rate over the last seconds: steady for the eye, quick enough to be true

export function octets(count) {
  let unit = 0;
  let amount = count;
  while (amount >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit++;
  }
  return `${unit ? amount.toFixed(1) : amount} ${UNITS[unit]}`;
}

export function span(seconds) {
  if (!Number.isFinite(seconds)) return "";
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}

export class Meter {
  constructor() {
    this.samples = [];
  }

  // Note how many bytes are there now; what was there when it began or went on does not count as sent.
  note(count) {
    const now = performance.now();
    this.samples.push([now, count]);
    while (this.samples.length > 2 && now - this.samples[0][0] > WINDOW) this.samples.shift();
  }

  restart() {
    this.samples = [];
  }

  rate() {
    if (this.samples.length < 2) return 0;
    const [[t0, c0], [t1, c1]] = [this.samples[0], this.samples[this.samples.length - 1]];
    return t1 > t0 ? Math.max(0, ((c1 - c0) * 1000) / (t1 - t0)) : 0;
  }

  words(left) {
    const rate = this.rate();
    return rate ? `${octets(rate)}/s, ${span(left / rate)} left` : "";
  }
}
