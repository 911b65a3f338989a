// A curve of the last minutes or the last hour, on a canvas: cheap to redraw each second.
import { html, useEffect, useRef, useState } from '../lib.js';

function colour(element, name) {
  return getComputedStyle(element).getPropertyValue(name).trim() || '#888';
}

function niceTop(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((s) => s * power >= value * 1.05) || 10;
  return step * power;
}

function draw(canvas, lines, top, at) {
  const box = canvas.getBoundingClientRect();
  const ratio = devicePixelRatio || 1;
  const width = Math.round(box.width * ratio);
  const height = Math.round(box.height * ratio);
  if (!width || !height) return;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const g = canvas.getContext('2d');
  g.clearRect(0, 0, width, height);
  g.strokeStyle = colour(canvas, '--line');
  g.lineWidth = ratio;
  g.beginPath();
  g.moveTo(0, height - ratio / 2);
  g.lineTo(width, height - ratio / 2);
  g.stroke();
  const y = (v) => height - 1.5 * ratio - (v / top) * (height - 4 * ratio);
  lines.forEach((line, index) => {
    const values = line.values;
    const x = (i) => (line.length - values.length + i) / Math.max(1, line.length - 1) * width;
    g.strokeStyle = colour(canvas, line.colour);
    g.lineWidth = (index === 0 ? 1.75 : 1.25) * ratio;
    g.lineJoin = 'round';
    g.setLineDash(line.dashed ? [3 * ratio, 3 * ratio] : []);
    g.beginPath();
    let down = false;
    let first = 0;
    let last = 0;
    values.forEach((v, i) => {
      if (v == null) {
        down = false;
        return;
      }
      if (down) g.lineTo(x(i), y(v));
      else {
        g.moveTo(x(i), y(v));
        first = i;
      }
      last = i;
      down = true;
    });
    g.stroke();
    if (index === 0 && down && last > first) {
      g.lineTo(x(last), height);
      g.lineTo(x(first), height);
      g.closePath();
      g.globalAlpha = 0.09;
      g.fillStyle = colour(canvas, line.colour);
      g.fill();
      g.globalAlpha = 1;
    }
    if (at != null) {
      const i = Math.round(at * (line.length - 1)) - (line.length - values.length);
      const v = values[i];
      if (v != null) {
        g.beginPath();
        g.arc(x(i), y(v), 3 * ratio, 0, 7);
        g.fillStyle = colour(canvas, line.colour);
        g.fill();
      }
    }
  });
}

/**
 * lines: [{values, colour: a CSS variable, name, dashed}], the first is filled; length: how many values fill the width; show: a value as text.
 */
export function Spark({ lines, length, step, show, label, top }) {
  const canvas = useRef(null);
  const [at, setAt] = useState(null);
  const all = lines.map((line) => ({ ...line, length, values: line.values.slice(-length) }));
  const most = top ?? niceTop(Math.max(0, ...all.flatMap((line) => line.values.filter((v) => v != null))));
  useEffect(() => {
    const redraw = () => canvas.current && draw(canvas.current, all, most, at);
    redraw();
    const watch = new ResizeObserver(redraw);
    watch.observe(canvas.current);
    return () => watch.disconnect();
  });
  const move = (e) => {
    const box = canvas.current.getBoundingClientRect();
    setAt(Math.min(1, Math.max(0, (e.clientX - box.left) / box.width)));
  };
  const now = all.map((line) => `${line.name} ${show(line.values.at(-1))}`).join(', ');
  let tip = null;
  if (at != null) {
    const back = Math.round((1 - at) * (length - 1));
    const ago = back * step;
    const when = ago === 0 ? 'now' : ago < 60 ? `${ago} s ago` : `${Math.floor(ago / 60)} min ${ago % 60 ? (ago % 60) + ' s ' : ''}ago`;
    tip = html`<span class="spark-tip ${at > 0.5 ? 'left' : ''}">${all.map(
      (line) => html`<span class="tip-row"><i class="dot" style=${{ background: `var(${line.colour})` }}></i>${line.name} <b>${show(line.values[line.values.length - 1 - back])}</b></span>`,
    )}<span class="dim">${when}</span></span>`;
  }
  return html`<div class="spark" onPointerMove=${move} onPointerLeave=${() => setAt(null)}>
    <canvas ref=${canvas} role="img" aria-label=${`${label}; now ${now}`}></canvas>
    <span class="spark-top">${show(most)}</span>${tip}
  </div>`;
}
