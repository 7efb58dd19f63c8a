import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readArguments } from '../../src/cli/arguments.js';
import { CliFailure } from '../../src/cli/failure.js';
import { attempt } from './attempt.js';
import { watchTheRealm } from './pollution.js';
import { PROPERTY_TIMEOUT_MS, runs } from './property.js';
import { PROMPT } from './secrets.js';

describe('the command line', () => {
  watchTheRealm();

  const words = fc.constantFrom(
    ...[
      'generate',
      'attach',
      'cancel',
      'list',
      'recover',
      'forget',
      '--help',
      '--out',
      '--journal',
      '--number',
      '-n',
      '--seed',
    ],
    ...[
      '--timeout',
      '--work-seconds',
      '--emulator',
      '--json',
      '--tag',
      '--model',
      '--',
      '-',
      '',
      '=',
      '--out=',
      '--__proto__',
    ],
    ...[
      '--constructor=1',
      '__proto__',
      '-1',
      '1e9',
      '9'.repeat(400),
      '../..',
      'interactions/../x',
      'batches/a',
      PROMPT,
    ],
  );

  it(
    'is a command or a failure that does not repeat the prompt',
    () =>
      fc.assert(
        fc.property(fc.array(fc.oneof(words, fc.string()), { maxLength: 6 }), (args) => {
          const command = attempt(() => readArguments(args));
          if (!(command instanceof Error)) return;
          expect(command).toBeInstanceOf(CliFailure);
          expect(command.message).not.toContain(PROMPT);
        }),
        runs(2_000),
      ),
    PROPERTY_TIMEOUT_MS,
  );
});
