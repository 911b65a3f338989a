// Numbers as people read them. The same number of digits whatever the size, and a unit.
const THIN = ' ';

export function count(value) {
  if (value == null || Number.isNaN(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1e9) return trim(value / 1e9) + THIN + 'G';
  if (size >= 1e6) return trim(value / 1e6) + THIN + 'M';
  if (size >= 1e4) return trim(value / 1e3) + THIN + 'k';
  return size >= 100 || value === Math.round(value) ? String(Math.round(value)) : trim(value);
}

function trim(value) {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

/** Milliseconds as [number, unit]. */
export function time(millis) {
  if (millis == null || Number.isNaN(millis) || millis < 0) return ['–', ''];
  if (millis < 0.095) return [trim(millis * 1000), 'µs'];
  if (millis < 1000) return [trim(millis), 'ms'];
  if (millis < 120_000) return [trim(millis / 1000), 's'];
  return [trim(millis / 60_000), 'min'];
}

export function timeText(millis) {
  return time(millis).join(THIN).trim();
}

export function share(value) {
  if (value == null || Number.isNaN(value)) return '–';
  const percent = value * 100;
  return (percent > 0 && percent < 9.95 ? percent.toFixed(1) : String(Math.round(percent))) + THIN + '%';
}

export function bytes(value) {
  if (value == null) return '–';
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let size = value;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return (unit === 0 ? String(Math.round(size)) : trim(size)) + THIN + units[unit];
}

export function age(seconds) {
  if (seconds < 60) return Math.max(0, Math.round(seconds)) + THIN + 's';
  if (seconds < 3600) return Math.round(seconds / 60) + THIN + 'min';
  if (seconds < 86_400) return trim(seconds / 3600) + THIN + 'h';
  return trim(seconds / 86_400) + THIN + 'd';
}
