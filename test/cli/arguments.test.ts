import { describe, expect, test } from 'vitest';
import { readArguments } from '../../src/cli/arguments.js';
import { CliFailure } from '../../src/cli/failure.js';
import { HELP } from '../../src/cli/help.js';

const SECRET = 'a secret prompt';

function failureOf(...args: string[]): CliFailure {
  try {
    readArguments(args);
  } catch (error) {
    if (error instanceof CliFailure) return error;
    throw error;
  }
  throw new Error('It was taken.');
}

describe('generate', () => {
  test('has defaults for everything but the prompt', () => {
    expect(readArguments(['generate', SECRET])).toEqual({
      name: 'generate',
      prompt: SECRET,
      model: 'gemini-3.1-flash-image',
      config: { numberOfImages: 1 },
      out: '.',
      requireCancellable: false,
      force: false,
      json: false,
    });
  });

  test('takes every option', () => {
    const line =
      '-n 4 --aspect-ratio 16:9 -o out/ --model m --image-size 2K --mime-type image/jpeg --seed 0 --timeout 1.5 ' +
      '--api-version v1 --require-cancellable --force --json --emulator --emulator-seconds 0.5';
    expect(readArguments(['generate', ...line.split(' '), SECRET])).toEqual({
      name: 'generate',
      prompt: SECRET,
      model: 'm',
      config: { numberOfImages: 4, aspectRatio: '16:9', imageSize: '2K', outputMimeType: 'image/jpeg', seed: 0 },
      timeoutMs: 1500,
      out: 'out/',
      requireCancellable: true,
      force: true,
      json: true,
      apiVersion: 'v1',
      emulator: { workMs: 500 },
    });
  });

  test('works four seconds on an image in the emulator if not told otherwise', () => {
    expect(readArguments(['generate', SECRET, '--emulator'])).toMatchObject({ emulator: { workMs: 4000 } });
  });

  test.each([[[]], [['-']]])('leaves the prompt to stdin: %j', (prompt) => {
    expect(readArguments(['generate', ...prompt])).toMatchObject({ prompt: undefined });
  });

  test('takes a prompt that starts with a dash, after --', () => {
    expect(readArguments(['generate', '--', '-5 degrees'])).toMatchObject({ prompt: '-5 degrees' });
  });

  test.each([
    ['two prompts', ['a', 'b'], 'more than one prompt'],
    ['an empty prompt', [' '], 'prompt is empty'],
    ['an unknown option', ['a', '--colour'], '--colour'],
    ['an option without its value', ['a', '--model'], '--model'],
    ['no images', ['a', '-n', '0'], '--number'],
    ['half an image', ['a', '-n', '1.5'], '--number'],
    ['a number that is none', ['a', '--number', 'four'], '--number'],
    ['a seed that is none', ['a', '--seed', ''], '--seed'],
    ['a seed that is too large', ['a', '--seed', '2147483647', '-n', '2'], '--seed'],
    ['a timeout that is none', ['a', '--timeout', '5s'], '--timeout'],
    ['a ratio that is none', ['a', '--aspect-ratio', 'wide'], '--aspect-ratio'],
    ['a size that is none', ['a', '--image-size', 'large'], '--image-size'],
    ['a type that is none', ['a', '--mime-type', 'jpeg'], '--mime-type'],
    ['an empty model', ['a', '--model', ''], '--model'],
    ['an empty folder', ['a', '--out', ''], '--out'],
    ['emulated seconds without an emulator', ['a', '--emulator-seconds', '1'], '--emulator'],
  ])('refuses %s, by name', (_, args, words) => {
    const failure = failureOf('generate', ...args);
    expect(failure).toMatchObject({ exitCode: 2 });
    expect(failure.message).toContain(words);
    expect(failure.message).toContain('genai-cancel --help');
    expect(failure.message).not.toContain('config.');
  });
});

describe('cancel', () => {
  test('takes a name and its options', () => {
    expect(readArguments(['cancel', 'interactions/abc', '--json', '-o', 'out', '--api-version', 'v1'])).toEqual({
      name: 'cancel',
      job: 'interactions/abc',
      out: 'out',
      json: true,
      apiVersion: 'v1',
    });
  });

  test.each([[[]], [['abc']], [['interactions/']], [['interactions/a/b']], [['interactions/a', 'interactions/b']]])(
    'refuses what is not one name: %j',
    (args) => {
      expect(failureOf('cancel', ...args)).toMatchObject({ exitCode: 2 });
    },
  );
});

test.each([[['--help']], [['-h']], [['help']], [['generate', '--help']], [['cancel', '-h']]])('helps: %j', (args) => {
  expect(readArguments(args)).toEqual({ name: 'help' });
});

test('tells its version', () => {
  expect(readArguments(['--version'])).toEqual({ name: 'version' });
});

test.each([[[]], [[SECRET]], [['--json', SECRET]], [['generate', SECRET, SECRET]], [['generate', SECRET, '--nope']]])(
  'never repeats what may be a prompt: %j',
  (args) => {
    const failure = failureOf(...args);
    expect(failure.exitCode).toBe(2);
    expect(failure.message).not.toContain(SECRET);
  },
);

test('the help names every option', () => {
  const options =
    'number out force model aspect-ratio image-size mime-type seed timeout json api-version emulator emulator-seconds help version';
  for (const option of options.split(' ')) expect(HELP).toMatch(new RegExp(`--${option}\\b`));
  for (const line of HELP.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
});
