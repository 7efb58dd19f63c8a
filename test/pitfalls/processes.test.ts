import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** The rows that need real processes: which tests there hold them. */
const rows = [
  [10, 'cancel not awaited, lost when the process exits', 'signals', 'cancels the job, waits until the server confirms it, and the script dies of it'],
  [10, 'cancel not awaited, lost when the process exits', 'exit-path', 'a script that starts and never waits ends by itself, and its job is cancelled'],
  [31, 'Ctrl+C exits 0', 'ctrl-c', 'cancels the job on the server, then the script dies of SIGINT'],
  [31, 'second press ignored', 'second-press', 'leaves at once, and says what may still run'],
  [31, 'no time limit', 'signals', 'a server that never answers the cancel is waited for no longer than the budget, and the job is named'],
  [32, 'a rejecting exit hook turns 130 into 1', 'exit-path', 'a server that hangs does not hold it, nor change the exit code'],
  [32, 'a rejecting exit hook turns 130 into 1', 'output-gone', 'under %s: the cancel goes out, and it dies of the signal'],
  [33, 'signal handlers for ever', 'idle', 'listeners are there only while operations are in flight'],
  [39, 'an abandoned handle keeps the process alive', 'exit-path', 'a script that starts, detaches and never waits ends by itself, and its job runs on'],
  [42, "the caller's loop goes on to its next paid item", 'caller-loop', 'a loop that catches everything does not get to the next prompt'],
  [42, "the caller's loop goes on to its next paid item", 'caller-loop', 'nor does one whose job is cancelled while another is still waited for'],
  [42, "the caller's loop goes on to its next paid item", 'caller-loop', 'start() sends nothing from the first press on'],
] as const; // prettier-ignore

const textOf = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

describe('rows that need real processes', () => {
  it.each(rows)('#%i %s: in test/process/%s.test.ts, "%s"', (_row, _trap, file, title) => {
    const titles = [
      ...textOf(`../process/${file}.test.ts`).matchAll(/\btest(?:\.each\(.*\))?\(\s*(['"`])(.*)\1, (?:\w+, )?async/g),
    ];
    expect(titles.map(([, , found]) => found)).toContain(title);
  });
});

it('every row has a test that begins with its number', () => {
  const files = readdirSync(new URL('.', import.meta.url)).filter((name) => /^rows?-/.test(name));
  const direct = files.flatMap((name) => [...textOf(name).matchAll(/['"`]#(\d+) /g)].map(([, row]) => Number(row)));
  const covered = new Set([...direct, ...rows.map(([row]) => row)]);
  const all = [...Array.from({ length: 42 }, (_, index) => index + 1), 71];
  expect(all.filter((row) => !covered.has(row))).toEqual([]);
});
