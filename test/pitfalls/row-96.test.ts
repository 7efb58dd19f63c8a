import { existsSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { KEY, PROMPT, runHere, setUp } from '../cli/run/cli.js';
import { temporaryFolder } from '../cli/temporary-folder.js';

const commands = [
  ['generate', PROMPT],
  ['attach', 'interactions/a'],
  ['cancel', 'interactions/a'],
  ['attach', '0a1b2c'],
  ['recover'],
  ['list'],
  ['forget', '0a1b2c'],
];

it.each(commands)('#96 a journal below the current folder is refused: %s %s', async (...args) => {
  const { emulator, url } = await setUp();
  for (const state of ['state', './state', '../state']) {
    const environment = { GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: KEY, XDG_STATE_HOME: state };
    const ended = await runHere(args.filter(Boolean), environment);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(/set HOME or XDG_STATE_HOME to an absolute path, or .*--journal/);
    expect(existsSync(state)).toBe(false);
  }
  expect(emulator.meter.requests).toEqual([]);
});

it('#96 a journal that is named, or none, needs no home', async () => {
  const { url } = await setUp({ workMs: 0 });
  const environment = { GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: KEY, XDG_STATE_HOME: 'state' };
  const out = temporaryFolder();
  for (const journal of [['--no-journal'], ['--journal', temporaryFolder()]]) {
    const ended = await runHere(['generate', PROMPT, '-o', out, '--force', ...journal], environment);
    expect(ended).toMatchObject({ code: 0 });
  }
  expect(readdirSync(out)).toEqual(['image-1.jpg']);
});
