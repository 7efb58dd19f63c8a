import { seconds } from './stage.mjs';

const HEAD = ['case', 'GPU s done when stopped', 'GPU s burnt after it', '% of the rest burnt', 'GPU s saved'];

/** The rows as an aligned table. */
export function table(rows) {
  const lines = [HEAD, ...rows.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const text = lines.map((line) => line.map((cell, column) => pad(cell, widths[column], column)).join('   '));
  return [text[0], widths.map((width) => '-'.repeat(width)).join('   '), ...text.slice(1)].join('\n');
}

function cells({ name, doneMs, burntMs, burntShare, savedMs }) {
  if (burntMs === undefined) return [name, `${seconds(doneMs)} (all)`, '-', '-', '-'];
  // Timers fire late, so the GPU may work for longer than planned.
  const percent = Math.min(100, Math.round(burntShare * 100));
  return [name, seconds(doneMs), seconds(burntMs), `${percent} %`, seconds(savedMs)];
}

const pad = (cell, width, column) => (column === 0 ? cell.padEnd(width) : cell.padStart(width));
