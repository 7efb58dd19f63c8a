import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Emulator, EmulatorOptions } from '../../../src/testing/http/index.js';
import { setUp } from '../../process/harness/set-up.js';
import { describeInTerminal, type Terminal } from '../../process/harness/terminal.js';
import { temporaryFolder } from '../temporary-folder.js';
import { FakeScreen } from '../view/screen.js';

const CLI = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url));
/** A command, or the name of a job. They are never broken. */
const TO_BE_COPIED = /^(?:npx --no genai-cancel (?:attach|cancel) interactions\/.*|interactions\/\S+)$/;
/** So many jobs are on the server at a time. */
const AT_ONCE = 8;

interface Stage {
  readonly options: EmulatorOptions;
  /** Resolves when the key is to be pressed. */
  readonly isReached: (emulator: Emulator, cli: Terminal, images: number) => Promise<unknown>;
  readonly isPressedTwice?: true;
}

const areSent = (emulator: Emulator, images: number): Promise<unknown> =>
  emulator.waitFor((meter) => meter.requestsTo('create').length === Math.min(images, AT_ONCE));
const areWatched = (emulator: Emulator, images: number): Promise<unknown> =>
  emulator.waitFor((meter) => meter.openStreams === Math.min(images, AT_ONCE));
const watched: Stage['isReached'] = (emulator, _, images) => areWatched(emulator, images);

const stages: Readonly<Record<string, Stage>> = {
  'before a create is answered': {
    options: { faults: [{ kind: 'delay', route: 'create', ms: 1_500 }] },
    isReached: (emulator, _, images) => areSent(emulator, images),
  },
  'while all are queued': { options: { queueMs: 600_000 }, isReached: watched },
  'while they run': { options: {}, isReached: watched },
  'when all but the first are finished': {
    options: { workMs: 100, faults: [{ kind: 'end', status: 'in_progress', job: 0, lastsMs: 600_000 }] },
    isReached: (_, cli, images) => cli.says(new RegExp(`${images - 1} of ${images} done, 1 left`)),
  },
  'a second press': {
    options: { faults: [{ kind: 'hang', route: 'cancel' }] },
    isReached: watched,
    isPressedTwice: true,
  },
};

/** Makes so many images in a terminal that is so wide, and ends that by Ctrl+C. */
async function press({ options, isReached, isPressedTwice }: Stage, columns: number, images: number) {
  const { emulator, url, inTerminal } = await setUp(options);
  const cwd = temporaryFolder();
  const env = { GEMINI_API_KEY: 'k', GOOGLE_GEMINI_BASE_URL: url, XDG_STATE_HOME: cwd, CI: '' };
  const generate = `generate 'a lighthouse in fog' -n ${images} -o out/ --yes`;
  const line = `stty cols ${columns} rows 50; exec '${process.execPath}' '${CLI}' ${generate}`;
  const cli = await inTerminal(['sh', '-c', line], { env, cwd });
  await isReached(emulator, cli, images);
  cli.press();
  if (isPressedTwice) {
    await cli.says(/Cancelling/);
    setTimeout(() => cli.press(), 800);
  }
  expect(await cli.ended).toEqual([null, 'SIGINT']);
  return { emulator, cli, files: readdirSync(join(cwd, 'out')) };
}

/** Returns what is on the screen at the end. */
function linesOf({ output }: Terminal): readonly string[] {
  const screen = new FakeScreen(10_000);
  screen.write(output);
  return screen.lines;
}

/** Gives the same text for what differs each time. */
function steady(lines: readonly string[]): string {
  // Images are finished in any order, and are told in that order.
  const first = lines.findIndex((line) => !line.startsWith('out/'));
  return [...lines.slice(0, first).sort(), ...lines.slice(first)]
    .map((line) =>
      line
        .replace(/\d+(?:\.\d)? s\b/g, 'T s')
        .replace(/v1_[\w-]+/g, 'NAME')
        .replace(/:\d+$/, ':PORT'),
    )
    .join('\n');
}

/** Holds each sentence against the server. */
function expectTrue(text: string, { meter }: Emulator, images: number, files: readonly string[]): void {
  const words = text.replace(/\s+/g, ' ');
  const count = (pattern: RegExp): number => Number(pattern.exec(words)?.[1] ?? 0);
  const ended = (end: string | undefined): number => meter.jobs.filter(({ endReason }) => endReason === end).length;
  const kept = /Kept: (.*?) (?:Nothing|image)/.exec(words)?.[1] ?? '';
  expect(count(/\((\d+) in all\)/) || kept.split(', ').filter(Boolean).length).toBe(files.length);
  if (words.includes('may still be running')) {
    // After a second press nothing is known.
    for (const { name = '' } of meter.running()) expect(text).toContain(name);
    expect(meter.running().length).toBeGreaterThan(0);
    return;
  }
  expect(count(/(\d+) cancelled \(confirmed by the server\)/)).toBe(ended('cancelled'));
  expect(count(/(\d+) completed/)).toBe(ended('completed'));
  expect(count(/(\d+) not started/)).toBe(images - meter.jobs.length);
  expect(words.includes('Nothing still runs.')).toBe(meter.running().length === 0);
}

describeInTerminal('Ctrl+C: no line wraps, and each sentence is true', () => {
  test.each(
    Object.entries(stages).flatMap(([name, stage]) => [40, 80, 200].map((columns) => [name, columns, stage] as const)),
  )('%s, in %d columns', async (name, columns, stage) => {
    const counts = name.includes('finished') ? [12, 40] : [1, 12, 40];
    const pressed = await Promise.all(counts.map((images) => press(stage, columns, images)));
    for (const [position, { emulator, cli, files }] of pressed.entries()) {
      const images = counts[position] ?? 0;
      const lines = linesOf(cli);
      for (const line of lines) if (line.length > columns) expect(line).toMatch(TO_BE_COPIED);
      expectTrue(lines.join('\n'), emulator, images, files);
      expect(steady(lines)).toMatchSnapshot(`${images}`);
    }
  });
});
