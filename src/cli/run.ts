import { createRequire } from 'node:module';
import { readArguments, type Command } from './arguments.js';
import { CliFailure, messageOf } from './failure.js';
import { helpOf, type Name } from './help.js';
import { Output, type Setting } from './output.js';
import type { Surroundings } from './surroundings.js';

type Runner = (command: Command, setting: Setting) => Promise<number>;

/** Runs one command line. Resolves to the exit code; never rejects. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const output = new Output(surroundings);
  try {
    const command = readArguments(args);
    if (command.name === 'help') surroundings.stdout.write(helpOf(command.of));
    else if (command.name === 'version') surroundings.stdout.write(`${readPackage().version}\n`);
    else return await runners[command.name](command, { ...surroundings, output });
    return 0;
  } catch (error) {
    for (const line of `genai-cancel: ${messageOf(error)}`.split('\n')) output.say(line);
    return error instanceof CliFailure ? error.exitCode : 1;
  }
}

/** The SDK takes its time to load: only where it is needed. */
const runners: Readonly<Record<Name, Runner>> = {
  generate: async (...given) => (await import('./generate.js')).generate(...given),
  list: async (...given) => (await import('./journal.js')).list(...given),
  attach: async (...given) => (await import('./attach.js')).attach(...given),
  cancel: async (...given) => (await import('./attach.js')).cancel(...given),
  recover: async (...given) => (await import('./recover.js')).recover(...given),
  forget: async (...given) => (await import('./journal.js')).forget(...given),
  capabilities: async (...given) => (await import('./probe.js')).capabilities(...given),
  probe: async (...given) => (await import('./probe.js')).probe(...given),
  emulator: async (...given) => (await import('./emulator.js')).emulate(...given),
};

/** Finds the package by its name: the path to its root differs between the source and the build. */
const readPackage = () => createRequire(import.meta.url)('genai-cancel/package.json') as { version: string };
