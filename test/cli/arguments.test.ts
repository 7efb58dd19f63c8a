import { describe, expect, test } from 'vitest';
import { readArguments } from '../../src/cli/arguments.js';
import { CliFailure } from '../../src/cli/failure.js';
import { commands, flags, helpOf, isName, type Name } from '../../src/cli/help.js';

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
    expect(readArguments(['generate', SECRET])).toMatchObject({
      name: 'generate',
      word: SECRET,
      model: 'gemini-3.1-flash-image',
      config: { numberOfImages: 1 },
      out: '.',
      requireCancelable: false,
      yes: false,
      force: false,
      quiet: false,
      json: false,
      server: { flags: '' },
    });
  });

  test('takes every option', () => {
    const line =
      '-n 4 --aspect-ratio 16:9 -o out/ --model m --image-size 2K --mime-type image/jpeg --seed 0 --timeout 1.5 ' +
      '--api-version v1 --require-cancelable --yes --backend models --force --quiet --json --emulator --work-seconds 0.5 --tag t --journal j';
    expect(readArguments(['generate', ...line.split(' '), SECRET])).toMatchObject({
      name: 'generate',
      word: SECRET,
      model: 'm',
      config: { numberOfImages: 4, aspectRatio: '16:9', imageSize: '2K', outputMimeType: 'image/jpeg', seed: 0 },
      timeoutMs: 1500,
      out: 'out/',
      requireCancelable: true,
      force: true,
      quiet: true,
      json: true,
      backend: 'models',
      yes: true,
      server: { apiVersion: 'v1', flags: ' --api-version v1' },
      emulator: true,
      workMs: 500,
      tag: 't',
      journal: 'j',
    });
  });

  test.each([
    ['the one of the user by default', [], undefined],
    ['none if not wanted', ['--no-journal'], false],
    ['none with an emulator, whose jobs die with it', ['--emulator'], false],
    ['one that is named, also with an emulator', ['--emulator', '--journal', 'j'], 'j'],
  ])('has a journal: %s', (_, args, journal) => {
    expect(readArguments(['generate', SECRET, ...args])).toMatchObject({ journal });
  });

  test.each([
    [[], undefined],
    [['-'], '-'],
  ])('leaves the prompt to stdin: %j', (prompt, word) => {
    expect(readArguments(['generate', ...prompt])).toMatchObject({ word });
  });

  test('takes a prompt that starts with a dash, after --', () => {
    expect(readArguments(['generate', '--', '-5 degrees'])).toMatchObject({ word: '-5 degrees' });
  });

  test.each([
    ['two prompts', ['a', 'b'], 'takes one prompt'],
    ['an empty prompt', [' '], 'not empty'],
    ['an unknown option', ['a', '--colour'], 'unknown option'],
    ['an option without its value', ['a', '--model'], '--model'],
    ['no images', ['a', '-n', '0'], '--number'],
    ['half an image', ['a', '-n', '1.5'], '--number'],
    ['a number that is none', ['a', '--number', 'four'], '--number'],
    ['a seed that is none', ['a', '--seed', ''], '--seed'],
    ['a seed that is too large', ['a', '--seed', '2147483647', '-n', '2'], '--seed'],
    ['a timeout that is none', ['a', '--timeout', '5s'], '--timeout'],
    ['a timeout of nothing', ['a', '--timeout', '0'], '--timeout'],
    ['a ratio that is none', ['a', '--aspect-ratio', 'wide'], '--aspect-ratio'],
    ['a size that is none', ['a', '--image-size', 'large'], '--image-size'],
    ['a type that is none', ['a', '--mime-type', 'jpeg'], '--mime-type'],
    ['an empty model', ['a', '--model', ''], '--model'],
    ['an empty folder', ['a', '--out', ''], '--out'],
    ['a bad template', ['a', '--out', 'out/{number}.png'], '--out'],
    ['a file for two images', ['a', '-n', '2', '--out', 'name.png'], '--out'],
    ['a template that gives two images one name', ['a', '-n', '2', '--out', 'name.{ext}'], '--out'],
    ['a journal without a name', ['a', '--journal', ''], '--journal'],
    ['a journal and none', ['a', '--journal', 'j', '--no-journal'], '--no-journal'],
    ['an empty tag', ['a', '--tag', ''], '--tag'],
    ['a tag that is too long', ['a', '--tag', 'x'.repeat(257)], '--tag'],
    ['a backend that is none', ['a', '--backend', 'fast'], '--backend'],
    ['an address that is none', ['a', '--base-url', 'localhost:80'], '--base-url'],
    ['an address of a file', ['a', '--base-url', 'file:///tmp'], '--base-url'],
    ['an empty project', ['a', '--project', ''], '--project'],
    ['an emulator on Vertex', ['a', '--emulator', '--project', 'p'], '--emulator'],
    ['an emulator elsewhere', ['a', '--emulator', '--base-url', 'http://localhost'], '--emulator'],
    ['emulated seconds without an emulator', ['a', '--work-seconds', '1'], '--emulator'],
  ])('refuses %s, by name', (_, args, words) => {
    const failure = failureOf('generate', ...args);
    expect(failure).toMatchObject({ exitCode: 2 });
    expect(failure.message).toContain(words);
    expect(failure.message).toContain('genai-cancel --help');
    expect(failure.message).not.toContain('config.');
  });
});

describe.each(['attach', 'cancel'])('%s', (command) => {
  test.each([['interactions/abc'], ['batches/abc'], ['0a1b2c'], ['0a1b2c3d4e5f60718293a4b5c6d7e8f9']])(
    'takes the name of a job, or the id of an operation: %s',
    (word) => {
      expect(readArguments([command, word])).toMatchObject({ name: command, word, json: false });
    },
  );

  test('takes its options', () => {
    const line = 'batches/abc --json -o out --api-version v1 --journal j';
    expect(readArguments([command, ...line.split(' ')])).toMatchObject({
      word: 'batches/abc',
      out: 'out',
      json: true,
      server: { apiVersion: 'v1' },
      journal: 'j',
    });
    expect(readArguments([command, 'batches/abc', '--no-journal'])).toMatchObject({ journal: false });
  });

  test.each([
    [[]],
    [['abc']],
    [['0a1b2']],
    [['0A1B2C']],
    [['0'.repeat(65)]],
    [['interactions/']],
    [['batches/']],
    [['interactions/a/b']],
    [['batches/..']],
    [['models/abc']],
    [['projects/p/locations/l/batchPredictionJobs/1']],
    [['interactions/a', 'interactions/b']],
    [['interactions/a', '--journal', '']],
    [['interactions/a', '--out', '']],
    [['0a1b2c', '--no-journal']],
  ])('refuses what is not one job or operation: %j', (args) => {
    expect(failureOf(command, ...args)).toMatchObject({ exitCode: 2 });
  });
});

test('attach writes to the folder that it is in, and replaces nothing unless told to', () => {
  expect(readArguments(['attach', '0a1b2c'])).toMatchObject({ out: '.', force: false });
  expect(readArguments(['attach', '0a1b2c', '--force'])).toMatchObject({ force: true });
});

test('cancel writes no image unless told where', () => {
  expect(readArguments(['cancel', '0a1b2c'])).toMatchObject({ out: undefined });
});

test.each(['generate', 'attach', 'cancel', 'recover'])('%s takes its server, and repeats it for a shell', (command) => {
  const argument = command === 'recover' ? 'attach' : 'batches/a';
  const given = ['--base-url', 'https://a.test/x?a=1&b=2', '--project', 'p', '--location', "l'"];
  expect(readArguments([command, argument, ...given])).toMatchObject({
    server: {
      baseUrl: 'https://a.test/x?a=1&b=2',
      project: 'p',
      location: "l'",
      flags: ` --base-url 'https://a.test/x?a=1&b=2' --project p --location 'l'\\'''`,
    },
  });
});

test('a batch of Vertex needs its project', () => {
  const name = 'projects/p/locations/l/batchPredictionJobs/1';
  expect(failureOf('attach', name).message).toContain('--project');
  expect(readArguments(['attach', name, '--project', 'p'])).toMatchObject({ word: name });
});

describe('list', () => {
  test('takes a journal, and how to print it', () => {
    expect(readArguments(['list'])).toMatchObject({ name: 'list', json: false, journal: undefined });
    expect(readArguments(['list', '--json', '--journal', 'j'])).toMatchObject({ json: true, journal: 'j' });
  });

  test.each([[[SECRET]], [['--journal', '']], [['--no-journal']], [['--out', 'o']]])('refuses %j', (args) => {
    const failure = failureOf('list', ...args);
    expect(failure.exitCode).toBe(2);
    expect(failure.message).not.toContain(SECRET);
  });
});

describe('recover', () => {
  test('attaches if not told otherwise', () => {
    expect(readArguments(['recover'])).toMatchObject({
      name: 'recover',
      word: undefined,
      out: '.',
      quiet: false,
      json: false,
      server: { flags: '' },
    });
  });

  test('takes a policy and its options', () => {
    const line = 'recover cancel -o out --json --api-version v1 --journal j';
    expect(readArguments(line.split(' '))).toMatchObject({
      name: 'recover',
      word: 'cancel',
      out: 'out',
      quiet: false,
      json: true,
      server: { apiVersion: 'v1', flags: ' --api-version v1' },
      journal: 'j',
    });
    expect(readArguments(['recover', 'attach'])).toMatchObject({ word: 'attach' });
  });

  test.each([
    [['-o', 'name.png']],
    [['-o', '{x}']],
    [['list']],
    [['attach', 'cancel']],
    [['0a1b2c']],
    [['--journal', '']],
    [['--no-journal']],
  ])('refuses %j', (args) => {
    expect(failureOf('recover', ...args)).toMatchObject({ exitCode: 2 });
  });
});

describe('forget', () => {
  test('takes an id', () => {
    expect(readArguments(['forget', '0a1b2c', '--journal', 'j'])).toMatchObject({
      name: 'forget',
      word: '0a1b2c',
      journal: 'j',
    });
  });

  test.each([[[]], [['0a1b2']], [['interactions/abc']], [['0a1b2c', '1a1b2c']], [['0a1b2c', '--journal', '']]])(
    'refuses %j',
    (args) => {
      expect(failureOf('forget', ...args)).toMatchObject({ exitCode: 2 });
    },
  );
});

const names = Object.keys(commands) as Name[];

test.each([[['--help']], [['-h']], [['help']]])('helps: %j', (args) => {
  expect(readArguments(args)).toEqual({ name: 'help' });
});

test.each(names)('helps with %s, asked in either way', (name) => {
  for (const args of [
    ['help', name],
    [name, '--help'],
    [name, '-h'],
    [name, 'x', '--help'],
  ]) {
    expect(readArguments(args)).toEqual({ name: 'help', of: name });
  }
});

test.each([[['help', SECRET]], [['help', 'generate', SECRET]], [['help', 'constructor']]])(
  'cannot help: %j',
  (args) => {
    const failure = failureOf(...args);
    expect(failure).toMatchObject({ exitCode: 2 });
    expect(failure.message).toContain(names.join(', '));
    expect(failure.message).not.toContain(SECRET);
  },
);

test('tells its version', () => {
  expect(readArguments(['--version'])).toEqual({ name: 'version' });
});

test.each([
  [[]],
  [[SECRET]],
  [['--json', SECRET]],
  [['generate', SECRET, SECRET]],
  [['generate', SECRET, '--nope']],
  [['generate', `--${SECRET}`]],
  [['generate', `-${SECRET}`]],
  [['attach', `--${SECRET}`]],
])('never repeats what may be a prompt: %j', (args) => {
  const failure = failureOf(...args);
  expect(failure.exitCode).toBe(2);
  expect(failure.message).not.toContain(SECRET);
});

describe('the help', () => {
  const optionsIn = (text: string): string[] =>
    [...text.matchAll(/^ {2}(?:-\w,| {3}) --([\w-]+)/gm)].map(([, name = '']) => name);

  test('names every command', () => {
    for (const name of names) expect(helpOf(undefined)).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
  });

  test.each(names)('of %s names every option that it takes, and no other', (name) => {
    expect(optionsIn(helpOf(name))).toEqual([...commands[name].takes, 'help']);
  });

  test('tells of every option somewhere', () => {
    const told = new Set(names.flatMap((name) => optionsIn(helpOf(name))));
    expect([...told].sort()).toEqual(Object.keys(flags).sort());
  });

  test.each([undefined, ...names])('fits 80 columns: %s', (name) => {
    const text = helpOf(name);
    expect(text.endsWith('\n')).toBe(true);
    for (const line of text.split('\n')) {
      expect(line.length).toBeLessThanOrEqual(80);
      expect(line).toBe(line.trimEnd());
    }
  });

  test.each(names)('of %s has examples that are taken', (name) => {
    expect(commands[name].examples.length).toBeGreaterThan(0);
    for (const example of commands[name].examples) {
      // As a shell splits it: what follows a redirection is not an argument.
      const line = example.replace(/ [<>].*$/, '').replaceAll('NAME', 'abc');
      const words = [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
        ([, one, other, bare]) => one ?? other ?? bare ?? '',
      );
      expect(isName(words[0] ?? '')).toBe(true);
      expect(readArguments(words)).toMatchObject({ name });
      expect(helpOf(name)).toContain(`  npx --no genai-cancel ${example}\n`);
    }
  });
});
