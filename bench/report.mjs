import { readFileSync, writeFileSync } from 'node:fs';
import { table } from '../scripts/support/command.mjs';

/** The measurements, by what was measured and the side. */
export class Results {
  #rows = new Map();

  note = (row, value) => {
    const key = `${row.what}|${row.side}`;
    if (!this.#rows.has(key)) this.#rows.set(key, { unit: 'ms', ...row, values: [] });
    this.#rows.get(key).values.push(value);
  };

  /** Median and spread (the middle 80 %), and the ratio to the SDK by hand, or else to the first side. */
  rows() {
    const rows = [...this.#rows.values()].map(({ values, ...row }) => {
      const sorted = values.toSorted((a, b) => a - b);
      const at = (share) => sorted[Math.round((sorted.length - 1) * share)];
      return { ...row, median: at(0.5), low: at(0.1), high: at(0.9), rounds: sorted.length };
    });
    const baseOf = (what) => {
      const alike = rows.filter((row) => row.what === what);
      return (alike.find(({ side }) => side === 'SDK by hand') ?? alike[0]).median;
    };
    return rows.map((row) => ({ ...row, ratio: row.median / baseOf(row.what) }));
  }
}

const short = (number) => (Number.isFinite(number) ? String(Number(number.toPrecision(3))) : 'never');

export function tableOf(rows) {
  const head = ['what', 'side', 'median', 'middle 80 %', 'ratio', 'rounds'];
  const cells = rows.map(({ what, side, unit, median, low, high, ratio, rounds }) => {
    return [
      what,
      side,
      `${short(median)} ${unit}`.trim(),
      `${short(low)}–${short(high)}`,
      short(ratio),
      String(rounds),
    ];
  });
  return [head, ...cells];
}

/** The promises that a run is held to, each with the figure and whether it holds. */
export function judge(rows) {
  const of = (what, side = 'ours') => rows.find((row) => row.what === what && row.side === side)?.median;
  const far = rows.filter(({ section, side }) => section === 'far' && side === 'ours, warmFetch()');
  const crowd = (what) => [100, 1000].map((count) => of(`${count} in flight: ${what}`));
  const [heap, cpu] = [crowd('heap of each'), crowd('CPU of each')];
  const block = of('longest block of the event loop', 'file journal');
  const [file, none] = ['journal: file', 'no journal'].map((side) => of('submitted(), journal: file', side));
  const near = (what) => [of(`${what}`), of(what, 'SDK by hand'), of(what, 'bare fetch')];
  const [signal, bySdk] = near('SIGINT, to a process of its own');
  const [cancel, , byFetch] = near('a cancel on this machine');
  const wall = (what) => of(`an operation with ${what}`) / of(`an operation with ${what}`, 'SDK by hand');
  const lines = [
    ...far.map(({ what, distance, count, median }) => [
      1,
      `${what}, warmFetch()`,
      median,
      distance / 2 + (count === 50 ? 40 : 10),
    ]),
    [2, 'SIGINT, times the SDK in a bare handler', signal / bySdk, 1.5],
    [2, 'cancel() on this machine, ms', cancel, 1.5 * byFetch + 1],
    [3, 'image of 20 s, seen late by, ms', of('image of 20 s, seen late by'), 1_000],
    [3, 'reads of it', of('reads of it'), 12],
    [4, 'file journal, ms for each operation', 1_000 / of('records a second, 100 at a time', 'file journal'), 1],
    [4, 'submitted(), added ms', file - none, 3],
    [4, 'event loop blocked by it, ms', block, 5],
    [5, 'operation with 1.5 MB, times by hand', wall('an image of 1.5 MB'), 1.02],
    [5, 'operation with nothing to do, times by hand', wall('next to nothing'), 1.2],
    [5, 'base64 in memory, times', of('base64 of an image in memory'), 1.2],
    [5, '{ cancelable }, gzip, kB', of('{ cancelable }, gzip'), 24],
    [5, "import, part of the SDK's", of('import') / of('import', 'SDK by hand'), 0.1],
    [5, 'CPU at 1,000 in flight, times that at 100', cpu[1] / cpu[0], 1.5],
    [5, 'heap at 1,000 in flight, times that at 100', heap[1] / heap[0], 1.25],
  ];
  const measured = lines.filter(([, , value]) => value !== undefined && !Number.isNaN(value));
  return measured.map(([rule, what, value, limit]) => ({ rule, what, value, limit, passes: value <= limit }));
}

export function judgementOf(lines) {
  const cells = lines.map(({ rule, what, value, limit, passes }) => {
    return [
      String(rule),
      what,
      short(value),
      `≤ ${short(limit)}`,
      passes ? 'pass' : `missed by ${short((value / limit - 1) * 100)} %`,
    ];
  });
  return [['', 'promise', 'measured', 'limit', ''], ...cells];
}

/** Bars of medians with the spread as a line, one group for each measurement. */
export function plot(title, rows) {
  const [left, width, height] = [330, 420, 22];
  const longest = Math.max(...rows.filter(({ high }) => Number.isFinite(high)).map(({ high }) => high));
  const x = (value) => left + (Math.min(value, longest) / longest) * width;
  const bars = rows.map(({ what, side, unit, median, low, high }, index) => {
    const y = 40 + index * height;
    const fill = side.startsWith('ours') ? '#1a73e8' : '#9aa0a6';
    const label = `${what}: ${side}`.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    return `<text x="${left - 8}" y="${y + 12}" text-anchor="end">${label}</text>
<rect x="${left}" y="${y}" width="${(x(median) - left).toFixed(1)}" height="15" fill="${fill}"/>
<path d="M${x(low).toFixed(1)} ${y + 7.5}H${x(high).toFixed(1)}" stroke="#202124"/>
<text x="${(x(high) + 6).toFixed(1)}" y="${y + 12}">${short(median)} ${unit}</text>`;
  });
  const size = `0 0 ${left + width + 100} ${50 + rows.length * height}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${size}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#fff"/>
<text x="8" y="22" font-size="14">${title}</text>
${bars.join('\n')}
</svg>
`;
}

/** Replaces a part of a page, which stands between two comments. */
export function replacePart(file, name, lines) {
  const part = [lines[0], lines[0].map(() => '---'), ...lines.slice(1)]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
  const [start, end] = [`<!-- ${name} -->\n`, `\n<!-- end of ${name} -->`];
  const text = readFileSync(file, 'utf8');
  const [before, after] = [text.indexOf(start) + start.length, text.indexOf(end)];
  writeFileSync(file, `${text.slice(0, before)}\n${part}\n${text.slice(after)}`);
}

export const printable = (cells) => table(cells);
