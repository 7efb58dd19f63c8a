import { readJournal } from '../journal/read.js';
import type { ListCommand } from './arguments/list.js';
import { openJournal } from './journal.js';
import { toJson } from './view/json.js';
import { operationLine, unreadableLine } from './view/journaled.js';
import { harmless } from './view/paint.js';

/** Tells what is in the journal, and changes nothing in it. Needs no key and no network. Resolves to the exit code. */
export async function list({ journal: choice, json }: ListCommand): Promise<number> {
  const { journal, folder } = openJournal(choice);
  const { operations, unreadable } = await readJournal(journal);
  const now = Date.now();
  for (const operation of operations) {
    process.stdout.write(`${json ? toJson(operation, []) : operationLine(operation, now)}\n`);
  }
  for (const entry of unreadable) process.stderr.write(`${unreadableLine(entry, folder)}\n`);
  if (!json && operations.length === 0) process.stderr.write(`No operation is in the journal ${harmless(folder)}.\n`);
  return 0;
}
