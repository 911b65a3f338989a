// Every slot of a tier as a pixel block, drawn into an image in one go: a hundred thousand take about a millisecond.
export const STATES = ['free', 'writing', 'in use', 'cached'];
const TIERS = ['device', 'host', 'disk', 'remote'];

/** Reads the server's picture: see SlotPicture there. */
export function parse(buffer) {
  const view = new DataView(buffer);
  const text = (at, length) => String.fromCharCode(...new Uint8Array(buffer, at, length));
  if (text(0, 4) !== 'KVS1') throw new Error('not a picture of slots');
  const names = view.getUint8(4);
  const count = view.getUint8(5);
  let at = 6;
  const tenants = [];
  for (let i = 0; i < names; i++) {
    const length = view.getUint8(at);
    tenants.push(text(at + 1, length));
    at += 1 + length;
  }
  const tiers = [];
  for (let i = 0; i < count; i++) {
    tiers.push({ name: TIERS[view.getUint8(at)], slots: view.getUint32(at + 1, true) });
    at += 5;
  }
  for (const tier of tiers) {
    tier.cells = new Uint8Array(buffer, at, 4 * tier.slots);
    at += 4 * tier.slots;
  }
  return { tenants, tiers };
}

function rgb(text) {
  const canvas = rgb.canvas ||= Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = text;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

const mix = (a, b, t) => a.map((v, i) => Math.round(v + (b[i] - v) * t));
const pack = ([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r;

/** Colours that differ though nobody chose them: tenants come as they like. */
export function tenantColour(index, dark) {
  return `hsl(${(index * 137.5 + 172) % 360} ${dark ? 45 : 46}% ${dark ? 66 : 31}%)`;
}

/** A table of colours: what a cell's four bytes make of it. */
export function palette(element, by, tier) {
  const style = getComputedStyle(element);
  const get = (name) => rgb(style.getPropertyValue(name).trim());
  const dark = style.colorScheme.includes('dark') && !style.colorScheme.includes('light') || (rgb(style.getPropertyValue('--ground'))[0] < 90);
  const free = get('--sunk');
  const states = [free, get('--warm'), get('--ink'), get('--' + tier)].map(pack);
  const cold = mix(free, get('--' + tier), 0.28);
  const hot = get('--' + tier);
  const ramp = Array.from({ length: 256 }, (_, i) => pack(i < 200 ? mix(cold, hot, i / 200) : mix(hot, get('--ink'), (i - 200) / 90)));
  const tenants = Array.from({ length: 256 }, (_, i) => pack(i === 255 ? free : rgb(tenantColour(i, dark))));
  return (cells, at) => {
    const state = cells[at];
    if (state === 0) return states[0];
    if (by === 'state' || state === 1) return states[state];
    if (by === 'tenant') return tenants[cells[at + 3]];
    return ramp[by === 'hits' ? Math.min(255, cells[at + 1] * 2) : cells[at + 2]];
  };
}

/** How many columns, and how large a cell, so that all slots fit the width and a sensible height. */
export function layout(slots, width, mostHeight) {
  for (let cell = 14; cell > 1; cell--) {
    const columns = Math.floor(width / cell);
    const rows = Math.ceil(slots / columns);
    if (rows * cell <= mostHeight) return { cell, columns, rows };
  }
  return { cell: 1, columns: width, rows: Math.ceil(slots / width) };
}

/** Draws and returns how long it took, in milliseconds. */
export function paint(canvas, tier, by, colours) {
  const began = performance.now();
  const ratio = devicePixelRatio || 1;
  const width = Math.max(1, Math.floor(canvas.parentElement.clientWidth * ratio));
  const { cell, columns, rows } = layout(tier.slots, width, 340 * ratio);
  const height = Math.max(1, rows * cell);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
    canvas.style.height = height / ratio + 'px';
  }
  const g = canvas.getContext('2d');
  let image = canvas.image;
  if (!image || image.width !== width || image.height !== height) {
    image = canvas.image = g.createImageData(width, height);
  }
  const pixels = new Uint32Array(image.data.buffer);
  const side = cell > 3 ? cell - 1 : cell;
  pixels.fill(0);
  for (let slot = 0; slot < tier.slots; slot++) {
    const colour = colours(tier.cells, slot * 4);
    let at = Math.floor(slot / columns) * cell * width + (slot % columns) * cell;
    for (let y = 0; y < side; y++, at += width) pixels.fill(colour, at, at + side);
  }
  g.putImageData(image, 0, 0);
  canvas.layout = { cell: cell / ratio, columns };
  return performance.now() - began;
}
