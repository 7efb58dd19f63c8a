import { expect, test } from 'vitest';
import { runHere, setUp } from './cli.js';

test('of a model that Google does not tell of: it says so', async () => {
  const ended = await runHere(['capabilities'], {});
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout.split('\n')).toEqual([
    'gemini-3.1-flash-image: nobody knows whether the server can cancel what it makes.',
    'Google does not document whether image models run in the background. A confirmed cancel or a refusal tells.',
    '',
  ]);
});

test('of a model that was shut down: the answer, the reason and the source', async () => {
  const { stdout } = await runHere(['capabilities', '--model', 'imagen-4.0-generate-001'], {});
  expect(stdout).toMatch(
    /^imagen-4\.0-generate-001: the server cannot cancel what it makes\.\nGoogle has shut it down, /,
  );
  expect(stdout).toMatch(/\nSource: https:\/\/ai\.google\.dev\/\S+\n$/);
});

test('--json: the object of the library, and the model', async () => {
  const { code, stdout } = await runHere(['capabilities', '--json', '--model', 'm\u001b[2J'], {});
  expect(code).toBe(0);
  expect(stdout).not.toContain('\u001b');
  expect(JSON.parse(stdout)).toEqual({
    model: 'm\u001b[2J',
    cancelable: 'unknown',
    known: 'unknown',
    basis: expect.any(String) as string,
  });
});

test('it sends nothing, whatever the environment says', async () => {
  const { emulator, run } = await setUp();
  expect(await run(['capabilities'])).toMatchObject({ code: 0 });
  expect(emulator.meter.requests).toEqual([]);
});

test.each([[['--model', ' ']], [['gemini']], [['--timeout', '5']]])('refuses %j', async (args) => {
  expect(await runHere(['capabilities', ...args], {})).toMatchObject({ code: 2, stdout: '' });
});
