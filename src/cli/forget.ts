import type { ForgetCommand } from './arguments/forget.js';
import { CliFailure } from './failure.js';
import { openJournal, pick } from './journal.js';
import { harmless } from './view/paint.js';

/**
 * Takes a record that nobody owns out of the journal, also one that cannot be read. Nothing is sent: it needs no key. Resolves to the exit
 * code.
 */
export async function forget({ id: given, journal: choice }: ForgetCommand): Promise<number> {
  const { journal, folder } = openJournal(choice);
  const { entries } = await journal.list();
  const entry = pick(entries, given, folder);
  const id = harmless(entry.id);
  const owner = entry.owner === undefined ? '' : ` (${harmless(entry.owner)})`;
  if (!entry.isOrphan) throw new CliFailure(`${id} was not forgotten: its process lives${owner}.`, 1);
  const claim = await journal.claim(entry);
  if (claim === undefined) throw new CliFailure(`${id} was not forgotten: another process has just taken it.`, 1);
  if (!(await journal.remove(claim))) throw new CliFailure(`${id} was gone already.`, 1);
  process.stderr.write(`${id} is forgotten. What it has started was not stopped.\n`);
  return 0;
}
