import { readArguments, type Command } from './arguments.js';
import { CliFailure } from './failure.js';
import { HELP } from './help.js';
import { readVersion } from './version.js';

/** Runs one command line. Resolves to the exit code; never rejects. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    return await execute(readArguments(args));
  } catch (error) {
    process.stderr.write(`genai-cancel: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof CliFailure ? error.exitCode : 1;
  }
}

/** The SDK takes its time to load: only where it is needed. */
async function execute(command: Command): Promise<number> {
  switch (command.name) {
    case 'help':
      process.stdout.write(HELP);
      return 0;
    case 'version':
      process.stdout.write(`${readVersion()}\n`);
      return 0;
    case 'generate':
      return (await import('./generate.js')).generate(command);
    case 'attach':
      return (await import('./attach.js')).attach(command);
    case 'cancel':
      return (await import('./cancel.js')).cancel(command);
    case 'list':
      return (await import('./list.js')).list(command);
    case 'recover':
      return (await import('./recover.js')).recover(command);
    case 'forget':
      return (await import('./forget.js')).forget(command);
  }
}
