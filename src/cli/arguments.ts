import { readAttach, type AttachCommand } from './arguments/attach.js';
import { readCancel, type CancelCommand } from './arguments/cancel.js';
import { readForget, type ForgetCommand } from './arguments/forget.js';
import { readGenerate, type GenerateCommand } from './arguments/generate.js';
import { readList, type ListCommand } from './arguments/list.js';
import { readRecover, type RecoverCommand } from './arguments/recover.js';
import { usageFailure } from './failure.js';

export type Command =
  | GenerateCommand
  | AttachCommand
  | CancelCommand
  | ListCommand
  | RecoverCommand
  | ForgetCommand
  | { readonly name: 'help' }
  | { readonly name: 'version' };

const readers = new Map<string, (args: string[]) => Command | 'help'>([
  ['generate', readGenerate],
  ['list', readList],
  ['attach', readAttach],
  ['cancel', readCancel],
  ['recover', readRecover],
  ['forget', readForget],
]);

/** Reads the command line. Throws a `CliFailure` that never repeats what may be a prompt. */
export function readArguments(args: readonly string[]): Command {
  const [command = '', ...rest] = args;
  if (command === '--version') return { name: 'version' };
  if (command === '--help' || command === '-h' || command === 'help') return { name: 'help' };
  const read = readers.get(command);
  if (read === undefined) {
    throw usageFailure('The first argument has to be a command: generate, list, attach, cancel, recover or forget.');
  }
  const result = read(rest);
  return result === 'help' ? { name: 'help' } : result;
}
