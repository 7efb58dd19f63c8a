import { createRequire } from 'node:module';
import { readArguments, type Command } from './arguments.js';
import { CliFailure, messageOf } from './failure.js';
import { HELP } from './help.js';
import { Output } from './output.js';
import type { Surroundings } from './surroundings.js';

/** Runs one command line. Resolves to the exit code; never rejects. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    return await execute(readArguments(args), surroundings);
  } catch (error) {
    const output = new Output(surroundings);
    for (const line of `genai-cancel: ${messageOf(error)}`.split('\n')) output.say(line);
    return error instanceof CliFailure ? error.exitCode : 1;
  }
}

/** The SDK takes its time to load: only where it is needed. */
async function execute(command: Command, surroundings: Surroundings): Promise<number> {
  if (command.name === 'generate') return (await import('./generate.js')).generate(command, surroundings);
  if (command.name === 'attach') return (await import('./attach.js')).attach(command, surroundings);
  if (command.name === 'cancel') return (await import('./attach.js')).cancel(command, surroundings);
  if (command.name === 'recover') return (await import('./recover.js')).recover(command, surroundings);
  if (command.name === 'list') return (await import('./journal.js')).list(command, surroundings);
  if (command.name === 'forget') return (await import('./journal.js')).forget(command, surroundings);
  surroundings.stdout.write(command.name === 'help' ? HELP : `${readPackage().version}\n`);
  return 0;
}

/** Finds the package by its name: the path to its root differs between the source and the build. */
const readPackage = () => createRequire(import.meta.url)('genai-cancel/package.json') as { version: string };
