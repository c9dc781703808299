// Numbers as people read them.
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const digits = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const hundredths = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

export const count = (value) => whole.format(value);

const scaled = (value, units, step) => {
  let at = 0;
  while (Math.abs(value) >= step && at + 1 < units.length) {
    value /= step;
    at += 1;
  }
  return `${digits.format(value)} ${units[at]}`;
};

export const bytes = (value) => scaled(value, ['B', 'KiB', 'MiB', 'GiB', 'TiB'], 1024);

/// Returns a number of things a second.
export const rate = (value) => `${plain(value)} /s`;

export const byteRate = (value) => `${bytes(value)}/s`;

/// Returns a duration, in the unit in which it is read most easily.
export function seconds(value) {
  if (value === 0) return '0 s';
  if (value < 0.001) return `${digits.format(value * 1e6)} µs`;
  if (value < 1) return `${digits.format(value * 1e3)} ms`;
  if (value < 120) return `${digits.format(value)} s`;
  if (value < 7200) return `${whole.format(value / 60)} min`;
  if (value < 172_800) return `${whole.format(value / 3600)} h`;
  return `${whole.format(value / 86_400)} days`;
}

/// Returns a number with three digits, but never more than two after the point.
export function plain(value) {
  if (value > 0 && value < 0.005) return '< 0.01';
  return value < 10 ? hundredths.format(value) : digits.format(value);
}

/// Returns the time of day of a moment.
export const timeOfDay = (text) => new Date(text).toLocaleTimeString();
