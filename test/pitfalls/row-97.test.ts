import { expect, it } from 'vitest';
import { setUp } from '../cli/run/cli.js';

const SECRET = 'sunset';

it.each([
  ['begins with two dashes', ['generate', `--${SECRET}`]],
  ['begins with two dashes, with spaces', ['generate', `-- ${SECRET} over fog`]],
  ['begins with a dash', ['generate', `-${SECRET}`]],
  ['begins with a dash, with spaces', ['generate', `-5 degrees at ${SECRET}`]],
  ['begins with an option that there is', ['generate', `--json ${SECRET}`]],
  ['begins with an option that there is, and has a sign', ['generate', `--json=${SECRET}`]],
  ['begins with a short option that there is', ['generate', `-h${SECRET}`]],
  ['is the value of an option that there is not', ['generate', `--prompt=${SECRET}`]],
  ['follows an option that there is not', ['generate', '--prompt', SECRET]],
  ['is one of too many', ['generate', SECRET, SECRET]],
  ['has no quotes', ['generate', 'a', SECRET, 'in', 'fog']],
  ['follows an option without its value', ['generate', SECRET, '--model', `--${SECRET}`]],
  ['is where a number should be', ['generate', 'a', '-n', SECRET]],
  ['is where a number should be, after a sign', ['generate', 'a', `--number=${SECRET}`]],
  ['is where a duration should be', ['generate', 'a', '--timeout', SECRET]],
  ['is where a ratio should be', ['generate', 'a', '--aspect-ratio', SECRET]],
  ['is where a size should be', ['generate', 'a', '--image-size', SECRET]],
  ['is where a type should be', ['generate', 'a', '--mime-type', SECRET]],
  ['is where a backend should be', ['generate', 'a', '--backend', SECRET]],
  ['is where an address should be', ['generate', 'a', '--base-url', SECRET]],
  ['is where a command should be', [SECRET]],
  ['is where a policy should be', ['recover', SECRET]],
  ['is where nothing should be', ['list', SECRET]],
  ['is where a name should be', ['attach', `${SECRET} over fog`]],
  ['is where a name should be, with a sign', ['cancel', `--${SECRET}=1`]],
  ['is where an id should be', ['forget', `a ${SECRET}`]],
])('#97 a prompt is not repeated, nor sent, where it %s', async (_, args) => {
  const { emulator, run } = await setUp();
  const { code, stdout, stderr } = await run(args);
  const isHelp = args[1] === `-h${SECRET}`;
  if (!isHelp) expect([code, stdout]).toEqual([2, '']);
  expect(stdout + stderr).not.toContain(SECRET);
  if (!isHelp) expect(stderr).toMatch(/^genai-cancel: .+\nSee: npx --no genai-cancel --help\n$/s);
  expect(emulator.meter.requests).toEqual([]);
});
