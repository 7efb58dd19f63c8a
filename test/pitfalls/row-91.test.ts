import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Fault } from '../../src/testing/index.js';
import { PROMPT, setUp, type Ended, type Setting } from '../cli/run/cli.js';
import { jobOf, plant, recordOf, startJob } from '../cli/run/records.js';
import { temporaryFolder } from '../cli/temporary-folder.js';

/** Colours, a title, the bell, a C1 control, a deletion, a line that overwrites, and text that runs backwards. */
const EVIL = '\u001b[31m\u001b]0;pwned\u0007\u009b2J\u007f\r\u202egnp.exe\u2066\u2069\u200f\u2028end';

function expectHarmless({ stdout, stderr }: Ended): void {
  const text = stdout + stderr;
  expect(text).toContain('pwned');
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u);
}

const status = (route: 'create' | 'get' | 'cancel', rest: object = {}): Fault => ({
  kind: 'status',
  route,
  status: 400,
  message: `No. ${EVIL}`,
  ...rest,
});

it.each<[string, Fault[]]>([
  ['refuses a create', [status('create')]],
  ['gives a job a reason to fail', [{ kind: 'fail', message: EVIL }]],
  ['refuses an image', [{ kind: 'refuse', text: EVIL }]],
  ['makes up a status', [{ kind: 'end', status: `x${EVIL}`, lastsMs: 200 }]],
])('#91 a server that %s drives no terminal', async (_, faults) => {
  for (const json of [[], ['--json']]) {
    const { run } = await setUp({ workMs: 0, faults: [...faults] });
    expectHarmless(await run(['generate', PROMPT, '-o', temporaryFolder(), '--timeout', '1', ...json]));
  }
});

it.each(['cancel', 'attach'])('#91 nor does one that answers %s', async (command) => {
  const setting = await setUp({ workMs: 0, faults: [{ kind: 'fail', message: EVIL }] });
  const name = await startJob(setting);
  expectHarmless(await setting.run([command, name, '-o', temporaryFolder()]));
  expectHarmless(await setting.run([command, name, '-o', temporaryFolder(), '--json']));
});

async function plantEvil({ journal, url }: Setting): Promise<void> {
  const server = { vertexai: false, origin: url };
  const jobs = [jobOf('interactions/a')];
  await plant(journal, recordOf({ id: '0a1b2c01', server, model: `m${EVIL}`, tag: EVIL, detachedAt: 1, jobs }));
  writeFileSync(join(journal, `notes-${EVIL}`), '');
}

it.each([['list'], ['list', '--json'], ['recover', 'cancel'], ['recover', 'cancel', '--json']])(
  '#91 nor does a journal that was tampered with: %s %s',
  async (...args) => {
    const setting = await setUp();
    await plantEvil(setting);
    const out = args[0] === 'list' ? [] : ['-o', temporaryFolder()];
    expectHarmless(await setting.run([...args.filter(Boolean), ...out]));
  },
);

it.each([
  ['generate', PROMPT],
  ['generate', PROMPT, '--json'],
])('#91 nor does the name of a folder: %s %s %s', async (...args) => {
  const { run } = await setUp({ workMs: 0 });
  const out = join(temporaryFolder(), EVIL);
  mkdirSync(out);
  expectHarmless(await run([...args.filter(Boolean), '-o', out]));
  // Now its image is there, and it cannot be made again.
  expectHarmless(await run([...args.filter(Boolean), '-o', out]));
  expectHarmless(await run(['list', '--journal', out]));
});

it('#91 what the command itself redraws its line by is left to it', async () => {
  const { run } = await setUp({ workMs: 0, faults: [{ kind: 'refuse', text: EVIL }] });
  const { stderr } = await run(['generate', PROMPT, '-o', temporaryFolder()], '', { stderr: true });
  // eslint-disable-next-line no-control-regex -- these are what a terminal is told by
  const rest = stderr.replaceAll(/\u001b\[(?:\d+A|2K|0J)|\r(?=\u001b\[)/g, '');
  expect(rest).toContain('pwned');
  expect(rest.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});
