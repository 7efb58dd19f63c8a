import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { PROMPT, runHere, setUp } from '../cli/run/cli.js';
import { temporaryFolder } from '../cli/temporary-folder.js';

const both = { stdin: true, stderr: true };

it.each([
  ['11', {}],
  ['999', {}],
  ['11', { stdin: true }],
  ['12', { stderr: true }],
])('#64 a slip of the finger starts no %s paid jobs where nobody can be asked: %j', async (count, terminal) => {
  const { emulator, run } = await setUp();
  const out = temporaryFolder();
  const ended = await run(['generate', PROMPT, '-n', count, '-o', `${out}/new`], 'y\n', terminal);
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toContain(`This makes ${count} images, and each is paid for`);
  expect(ended.stderr).toContain('--yes');
  expect(emulator.meter.requests).toEqual([]);
  expect(readdirSync(out)).toEqual([]);
});

it('#64 a prompt on stdin leaves nobody to answer either', async () => {
  const { emulator, run } = await setUp();
  const ended = await run(['generate', '-n', '11', '-o', temporaryFolder(), '--json'], `${PROMPT}\n`);
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toContain('--yes');
  expect(emulator.meter.requests).toEqual([]);
});

it.each(['n\n', '\n', '', 'yep\n', PROMPT])(
  '#64 asked in a terminal, anything but yes sends nothing: %j',
  async (answer) => {
    const { emulator, run } = await setUp();
    const ended = await run(['generate', PROMPT, '-n', '11', '-o', temporaryFolder()], answer, both);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr.replaceAll('\r\u001b[2K', '')).toMatch(/^This makes 11 images, and each is paid for\. .*--yes/);
    expect(emulator.meter.requests).toEqual([]);
  },
);

it.each(['y\n', 'YES\r\n', 'yes'])('#64 asked in a terminal, yes makes them: %j', async (answer) => {
  const { emulator, run } = await setUp({ workMs: 0 });
  const ended = await run(['generate', PROMPT, '-n', '11', '-o', temporaryFolder()], answer, both);
  expect(ended).toMatchObject({ code: 0 });
  expect(emulator.meter.jobs).toHaveLength(11);
});

it.each([
  ['-n', '10'],
  ['-n', '11', '--yes'],
  ['-n', '12', '-y'],
])('#64 no question is asked about %s %s %s', async (...args) => {
  const { emulator, run } = await setUp({ workMs: 0 });
  const ended = await run(['generate', PROMPT, ...args.filter(Boolean), '-o', temporaryFolder()], 'n\n', both);
  expect(ended).toMatchObject({ code: 0 });
  expect(ended.stderr).not.toContain('paid for');
  expect(emulator.meter.jobs).toHaveLength(Number(args[1]));
});

it('#64 nor about the emulator, which costs nothing', async () => {
  const args = ['generate', PROMPT, '-n', '11', '-o', temporaryFolder(), '--emulator', '--work-seconds', '0'];
  expect(await runHere(args, {})).toMatchObject({ code: 0 });
});
