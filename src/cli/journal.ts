import { COMMAND } from '../api/commands.js';
import { isAbsolute } from 'node:path';
import { isFireAndForget } from '../api/job-name.js';
import type { UnreadableEntry } from '../api/journal.js';
import type { JobReference } from '../api/snapshot.js';
import { readJournal, type JournaledOperation } from '../journal/read.js';
import { defaultJournalFolder, fileJournal } from '../node/journal/file-journal.js';
import type { Command } from './arguments.js';
import { CliFailure } from './failure.js';
import type { Output, Setting } from './output.js';

/** Opens the journal in a folder, by default the user's. Nothing is read or written yet. */
export function openJournal(choice: Command['journal']) {
  const folder = choice === false || choice === undefined ? userJournalFolder() : choice;
  return { journal: fileJournal({ folder }), folder };
}

/** Without a home, the folder would be below the current one: the next command would look elsewhere. */
function userJournalFolder(): string {
  const folder = defaultJournalFolder();
  if (isAbsolute(folder)) return folder;
  const hint = 'set HOME or XDG_STATE_HOME to an absolute path, or choose with --journal FOLDER or --no-journal';
  throw new CliFailure(`There is no place for the journal, and nothing was sent: ${hint}.`, 2);
}

/** Returns what the library takes: a journal, or `false`. */
export const chosenJournal = (choice: Command['journal']) => choice !== false && openJournal(choice).journal;

/** Tells what is in the journal, and changes nothing in it. Needs no key and no network. Resolves to the exit code. */
export async function list({ journal: choice, json }: Command, { output }: Setting) {
  const { journal, folder } = openJournal(choice);
  const { operations, unreadable } = await readJournal(journal);
  const now = Date.now();
  if (json) for (const operation of operations) output.json(operation);
  else if (operations.length > 0) writeTable(operations, now, output);
  for (const entry of unreadable) output.say(unreadableLine(entry, folder));
  if (!json && operations.length === 0) output.say(`No operation is in the journal ${folder}.`);
  // The same as recover: a process that lives may still learn the names.
  const isInDoubt = operations.some(({ isOrphan, inDoubt }) => isOrphan && inDoubt.length > 0);
  return isInDoubt || unreadable.length > 0 ? 1 : 0;
}

/** Takes a record without an owner out of the journal, also an unreadable one. Sends nothing. Resolves to the exit code. */
export async function forget(command: Command, { output }: Setting) {
  const { journal, folder } = openJournal(command.journal);
  const entry = pick((await journal.list()).entries, command.word ?? '', folder);
  const { id, owner } = entry;
  const who = owner === undefined ? '' : ` (${owner})`;
  if (!entry.isOrphan) throw new CliFailure(`${id} was not forgotten: its process lives${who}.`, 1);
  const claim = await journal.claim(entry);
  if (claim === undefined) throw new CliFailure(`${id} was not forgotten: another process has just taken it.`, 1);
  if (!(await journal.remove(claim))) throw new CliFailure(`${id} was gone already.`, 1);
  output.say(`${id} is forgotten. What it has started was not stopped.`);
  return 0;
}

export async function findOperation(choice: Command['journal'], id: string) {
  const { journal, folder } = openJournal(choice);
  return pick((await readJournal(journal)).operations, id, folder);
}

/** Finds what has this id, or the only one that begins so. Throws a `CliFailure` if there is none, or several. */
function pick<Entry extends { readonly id: string }>(entries: readonly Entry[], id: string, folder: string): Entry {
  const found = entries.filter((entry) => entry.id.startsWith(id));
  const match = found.find((entry) => entry.id === id) ?? found[0];
  if (match === undefined) {
    throw new CliFailure(`There is no operation ${id} in the journal ${folder}. See: ${COMMAND} list`, 1);
  }
  if (match.id === id || found.length === 1) return match;
  throw new CliFailure(`${found.length} operations have an id that begins with ${id}: give more of it.`, 1);
}

const HEAD = ['ID', 'AGE', 'STATE', 'MODEL', 'TAG', 'JOBS'];

/** As much of an id as tells the operations of a journal apart. */
export const shortOf = (id: string): string => id.slice(0, 8);

function writeTable(operations: readonly JournaledOperation[], now: number, output: Output): void {
  const table = [HEAD, ...operations.map((operation) => cellsOf(operation, now))];
  const widths = HEAD.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  for (const row of table) output.row(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  for (const { id, isOrphan, inDoubt } of operations) {
    // A process that lives may still learn the names.
    for (const text of isOrphan ? doubtTexts(inDoubt) : []) output.result(`${shortOf(id)}  ${text}`);
  }
}

function cellsOf({ id, record, owner, isOrphan }: JournaledOperation, now: number): readonly string[] {
  const { model, tag = '', jobs, startedAt, detachedAt } = record;
  // A lease says that the process lives, and not that a job runs.
  const whose = isOrphan ? 'left behind' : `its process lives${owner === undefined ? '' : ` (${owner})`}`;
  const state = detachedAt === undefined ? whose : 'left on purpose';
  return [shortOf(id), ageText(now - startedAt), state, model, tag, jobs.flatMap(({ name }) => name ?? []).join(' ')];
}

export function operationLine(operation: JournaledOperation, now: number): string {
  const doubts = operation.isOrphan ? doubtTexts(operation.inDoubt) : [];
  const [, ...cells] = cellsOf(operation, now);
  return [operation.id, ...cells, ...doubts].filter((text) => text !== '').join('  ');
}

/** Says what may be running and being paid for, although its name was never received. */
export function doubtTexts(inDoubt: readonly JobReference[]): readonly string[] {
  const texts = new Map<string, number>();
  for (const job of inDoubt) texts.set(doubtText(job), (texts.get(doubtText(job)) ?? 0) + 1);
  return [...texts].map(([text, count]) => `in doubt: ${count === 1 ? '' : `${count} × `}${text}`);
}

function doubtText({ backend, displayName }: JobReference): string {
  if (isFireAndForget(backend)) return 'a request that may have been carried out, and cannot be found again';
  if (displayName === undefined) return 'a job that may be running, whose name was never received';
  return `a batch that may be running, to be looked for by its display name ${displayName}`;
}

export function unreadableLine({ place, problem }: UnreadableEntry, folder: string): string {
  const where = isAbsolute(place) ? place : `${place} in ${folder}`;
  return `Unreadable: ${where}: ${problem}`;
}

const units = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
] as const;

function ageText(ms: number): string {
  const [size, unit] = units.find(([least]) => ms >= least) ?? [1000, 's'];
  return `${Math.max(0, Math.floor(ms / size))} ${unit}`;
}
