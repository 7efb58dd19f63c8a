import { createRequire } from 'node:module';
import { readArguments, type Command } from './arguments.js';
import { CliFailure, messageOf } from './failure.js';
import { HELP } from './help.js';
import { Output, type Setting } from './output.js';
import type { Surroundings } from './surroundings.js';

/** Runs one command line. Resolves to the exit code; never rejects. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const output = new Output(surroundings);
  try {
    return await execute(readArguments(args), { ...surroundings, output });
  } catch (error) {
    for (const line of `genai-cancel: ${messageOf(error)}`.split('\n')) output.say(line);
    return error instanceof CliFailure ? error.exitCode : 1;
  }
}

/** The SDK takes its time to load: only where it is needed. */
async function execute(command: Command, setting: Setting): Promise<number> {
  if (command.name === 'generate') return (await import('./generate.js')).generate(command, setting);
  if (command.name === 'attach') return (await import('./attach.js')).attach(command, setting);
  if (command.name === 'cancel') return (await import('./attach.js')).cancel(command, setting);
  if (command.name === 'recover') return (await import('./recover.js')).recover(command, setting);
  if (command.name === 'list') return (await import('./journal.js')).list(command, setting);
  if (command.name === 'forget') return (await import('./journal.js')).forget(command, setting);
  setting.stdout.write(command.name === 'help' ? HELP : `${readPackage().version}\n`);
  return 0;
}

/** Finds the package by its name: the path to its root differs between the source and the build. */
const readPackage = () => createRequire(import.meta.url)('genai-cancel/package.json') as { version: string };
