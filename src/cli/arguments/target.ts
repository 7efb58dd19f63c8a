import { usageFailure } from '../failure.js';
import { parseJobName } from '../../operation/job-name.js';
import type { JournalChoice } from './options.js';

/** A job by the server's name for it, or an operation of the journal by its id or the first characters of that. */
export type Target = { readonly name: string } | { readonly id: string };

/** As long as ids may be; shorter ones are too easily those of something else. */
const ID = /^[0-9a-z-]{6,64}$/;

/** The library's own rule for names, asked early: nothing else shall have been complained about before it. */
export function readTarget(command: string, positionals: readonly string[], journal: JournalChoice): Target {
  const [given = ''] = positionals;
  if (positionals.length === 1) {
    const name = parseJobName(given);
    if (name?.location !== undefined) throw usageFailure('That is a batch of Vertex, which needs a program of yours.');
    if (name !== undefined) return { name: given };
    if (ID.test(given)) return readTargetId(given, journal);
  }
  throw usageFailure(
    `${command} needs the name of one job, such as interactions/abc or batches/abc, or the id of an operation.`,
  );
}

/** The id of one operation, or its first characters. */
export function readId(command: string, positionals: readonly string[]): string {
  const [given = ''] = positionals;
  if (positionals.length === 1 && ID.test(given)) return given;
  throw usageFailure(`${command} needs the id of one operation, or at least its first 6 characters.`);
}

function readTargetId(id: string, journal: JournalChoice): Target {
  if (journal === false) throw usageFailure('Without a journal there are no ids: give the name of a job.');
  return { id };
}
