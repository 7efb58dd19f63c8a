import type { Operation } from '../api/handle.js';
import type { Journal } from '../api/journal.js';
import type { Settings } from '../api/options.js';
import { serverOf } from '../google/sdk.js';
import { readEntries, type ReadEntry } from '../journal/read.js';
import { log } from '../operation/publisher.js';
import type { Clock } from '../util/clock.js';
import { createDeferred } from '../util/deferred.js';
import { Timers } from '../util/timers.js';
import { existingOperation } from './attach.js';
import type { Operations } from './operations.js';
import { isElsewhere, recoverOne } from './recover.js';

/** The place of the hints in what `cancelable()` returns. All copies of the library share it. */
const HINTS = Symbol.for('genai-cancel.hints.v1');

/** Hints at the end of jobs, which come from outside. None of them is believed: each makes the library read a status. */
export interface Hints {
  readonly clock: Clock;
  readonly warn: (message: string) => void;
  /**
   * Reads the status of a job soon, if an operation in flight has it, or one in the journal. It attaches to that one, and gives
   * it to `found` before anything is sent. Rejects if the journal fails, or `close()` has been called: the hint should come again.
   */
  readonly take: (
    name: string,
    journal: Journal | false | undefined,
    found: (operation: Operation) => void,
  ) => Promise<void>;
}

/** Adds the hints to what `cancelable()` returns, where only other entries find them. */
export function withHints<Images extends object>(images: Images, operations: Operations): Images {
  const { clock, logger, journal: usual = false } = operations.settings();
  const hints: Hints = {
    clock,
    warn: (message) => log(message, logger),
    take: async (name, journal = usual, found) => {
      if (!operations.hint(name) && journal !== false) await attachInJournal(operations, name, journal, found);
    },
  };
  return Object.defineProperty(images, HINTS, { value: hints });
}

export function hintsOf(images: unknown): Hints | undefined {
  return (Object(images) as { [HINTS]?: Hints })[HINTS];
}

async function attachInJournal(
  operations: Operations,
  name: string,
  journal: Journal,
  found: (operation: Operation) => void,
): Promise<void> {
  const entry = (await readEntries(journal)).operations.find(({ record }) => {
    return record.jobs.some((job) => job.name === name) && !isElsewhere(record.server, serverOf(operations.client));
  });
  // It may have become known here meanwhile.
  if (entry === undefined || operations.hint(name)) return;
  const defaults = operations.open({ journal });
  // A webhook that works needs no stream and few reads. An event must not begin a time that ends in a cancel.
  const settings = { ...defaults, webhook: defaults.webhook ?? { uris: [] }, timeoutMs: undefined };
  const isTaken = entry.isOrphan && (await takeOver(operations, entry, { ...settings, journal }, found));
  if (!isTaken) watchBeside(operations, entry, settings, found);
}

/** Claims an operation as `recover()` does. Returns `false` if another process has just claimed it. */
async function takeOver(
  operations: Operations,
  entry: ReadEntry,
  settings: Settings & { readonly journal: Journal },
  found: (operation: Operation) => void,
): Promise<boolean> {
  const { promise: handedOver, resolve: handOver } = createDeferred<undefined>();
  const { journal, clock } = settings;
  const timers = new Timers(clock);
  const recovering = {
    operations,
    settings,
    journal,
    policy: 'attach',
    storage: undefined,
    timers,
    handedOver,
  } as const;
  const result = await recoverOne(entry, recovering);
  if (result !== undefined && 'operation' in result) found(result.operation);
  handOver(undefined);
  return result === undefined || 'operation' in result || result.reason !== 'claimed';
}

/** Watches an operation that a living process owns: only that process records, times out and cancels it. */
function watchBeside(
  operations: Operations,
  { record }: ReadEntry,
  settings: Settings,
  found: (operation: Operation) => void,
): void {
  const { id, tag, startedAt } = record;
  const plan = existingOperation(operations.client, record);
  const alone = { ...settings, journal: undefined, cancelSignals: [] };
  const operation = operations.start(plan, alone, { id, tag, startedAt });
  operation.detach();
  found(operation);
}
