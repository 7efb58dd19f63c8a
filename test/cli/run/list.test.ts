import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { leftOutOn } from '../../support/runtime.js';
import { temporaryFolder } from '../temporary-folder.js';
import { CommandProcess, runHere, type Ended } from './cli.js';
import { contentsOf, jobOf, plant, recordOf } from './records.js';

const ids = ['0a1b2c01', '0a1b2c02', '0a1b2c03'] as const;

/** Without a key, and with no server to ask. */
const list = (folder: string, ...args: string[]): Promise<Ended> => runHere(['list', '--journal', folder, ...args], {});

test('tells of what runs and of what was left behind, oldest first, and changes nothing', async () => {
  const folder = temporaryFolder();
  await plant(folder, recordOf({ id: ids[1], jobs: [jobOf('interactions/b')] }), 'lives');
  await plant(folder, recordOf({ id: ids[0], startedAt: Date.now() - 7_200_000, jobs: [jobOf('interactions/a')] }));
  const before = readdirSync(folder);
  const ended = await list(folder);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout.split('\n')).toEqual([
    expect.stringMatching(/^ID {8}AGE {2}STATE +MODEL +TAG +JOBS$/) as string,
    expect.stringMatching(/^0a1b2c01 {2}2 h {2}left behind +\S+ +interactions\/a$/) as string,
    expect.stringMatching(
      new RegExp(`^0a1b2c02  \\d+ s  its process lives \\(pid ${process.pid} on .+\\) +\\S+ +interactions/b$`),
    ) as string,
    '',
  ]);
  expect(readdirSync(folder)).toEqual(before);
});

test('says what is in doubt', async () => {
  const folder = temporaryFolder();
  const displayName = `genai-cancel-${'a'.repeat(32)}`;
  const jobs = [{ index: 0, backend: 'batches', displayName, state: 'submitting' } as const];
  await plant(folder, recordOf({ id: ids[0], backend: 'batches', jobs }));
  expect(await list(folder)).toMatchObject({
    code: 1,
    stdout: expect.stringContaining(`its display name ${displayName}\n`) as string,
  });
});

test('--json: one line for each operation, as the library has it', async () => {
  const folder = temporaryFolder();
  const tag = 'a\u001b[2J\u009b\u007fé';
  await plant(folder, recordOf({ id: ids[0], tag, jobs: [jobOf('interactions/a')] }));
  await plant(folder, recordOf({ id: ids[1] }));
  const { code, stdout, stderr } = await list(folder, '--json');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  expect(lines).toEqual(JSON.parse(JSON.stringify((await contentsOf(folder)).operations)));
  expect(lines[0]).toMatchObject({ id: ids[0], isOrphan: true, record: { tag } });
});

test('an empty journal, and one that there is not, are said to be empty', async () => {
  const folder = temporaryFolder();
  for (const place of [folder, join(folder, 'none')]) {
    expect(await list(place)).toMatchObject({
      code: 0,
      stdout: '',
      stderr: `No operation is in the journal ${place}.\n`,
    });
    expect(await list(place, '--json')).toMatchObject({ code: 0, stdout: '', stderr: '' });
  }
});

test('what cannot be read is named, beside what can', async () => {
  const folder = temporaryFolder();
  await plant(folder, recordOf({ id: ids[0] }));
  writeFileSync(join(folder, 'notes.txt'), 'x');
  await plant(folder, recordOf({ id: ids[1] }));
  writeFileSync(join(folder, `${ids[1]}.1.free.json`), '{"version":1,');
  const ended = await list(folder);
  expect(ended).toMatchObject({ code: 1, stdout: expect.stringMatching(/^ID .*\n0a1b2c01 .*\n$/) as string });
  expect(ended.stderr).toMatch(new RegExp(`^Unreadable: ${join(folder, 'notes.txt')}: `, 'm'));
  expect(ended.stderr).toMatch(new RegExp(`^Unreadable: .*${ids[1]}.*: .*not JSON`, 'm'));
});

test('a file that was tampered with sends nothing to the terminal', async () => {
  const folder = temporaryFolder();
  const evil = '\u001b]0;pwned\u0007\u009b31m';
  await plant(folder, recordOf({ id: ids[0], model: `m${evil}`, tag: `t${evil}`, jobs: [jobOf('interactions/a')] }));
  writeFileSync(join(folder, `x${evil}`), '');
  const { stdout, stderr } = await list(folder);
  expect(stdout).toContain('pwned');
  expect(stderr).toContain('pwned');
  expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});

test('a journal that cannot be read at all is a failure', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(await list(file)).toMatchObject({ code: 1, stdout: '' });
});

/** Node 20 has the older way only, and Node 26 warns of it. */
const REFUSE_SDK = `import * as module from 'node:module';
function resolve(specifier, context, next) {
  if (specifier.startsWith('@google/')) throw new Error('The SDK was asked for.');
  return next(specifier, context);
}
if (module.registerHooks) module.registerHooks({ resolve });
else module.register('data:text/javascript,' + encodeURIComponent('export ' + resolve));
`;

const noHooks = 'It has no hooks for the loading of modules.';
test('list and forget load no SDK', leftOutOn({ Bun: noHooks, Deno: noHooks }), async () => {
  const folder = temporaryFolder();
  const journal = join(folder, 'journal');
  mkdirSync(journal);
  const program = join(folder, 'refuse-sdk.mjs');
  writeFileSync(program, REFUSE_SDK);
  const environment = { NODE_OPTIONS: `--import ${pathToFileURL(program).href}`, GEMINI_API_KEY: 'k' };
  await plant(journal, recordOf({ id: ids[0] }));
  const start = (...args: string[]) => new CommandProcess([...args, '--journal', journal], environment).ended;
  expect(await start('list')).toMatchObject({ code: 0, stderr: '' });
  expect(await start('forget', ids[0])).toMatchObject({ code: 0 });
  // It is seen where it is loaded.
  const cancel = await start('cancel', 'interactions/a');
  expect(cancel.stderr).toContain('The SDK was asked for.');
});
