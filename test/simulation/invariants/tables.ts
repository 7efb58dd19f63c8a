import type { OperationState } from '../../../src/api/events.js';
import type { CancelOutcome, CancelReport, ImageCounts } from '../../../src/api/report.js';
import type { Moment } from '../world/calls.js';
import type { Simulation } from '../world/simulation.js';
import type { Seen, Tracked } from '../world/tracked.js';
import { Violation } from '../world/violation.js';
import { unconfirmedDuplicates } from './duplicates.js';
import { possibleEnds, type ImageEnd, type Possible } from './ends.js';
import { toldOfEnd } from './knowledge.js';

/** A4: the first row that matches applies. */
const ROWS: readonly { readonly ends: Possible; readonly state: OperationState; readonly error?: string }[] = [
  { ends: ['made'], state: 'succeeded' },
  { ends: ['unknown', 'running'], state: 'abandoned', error: 'MayBeRunningError' },
  { ends: ['failed', 'cancelled', 'unreadable'], state: 'failed', error: 'OperationFailedError' },
  { ends: ['not-sent'], state: 'failed', error: 'NotStartedError' },
];

/** Where C11's ends are counted. */
const COUNTED: Readonly<Record<keyof ImageCounts, Possible>> = {
  made: ['made', 'unreadable'],
  cancelled: ['cancelled'],
  failed: ['failed'],
  running: ['running', 'unknown'],
  notSent: ['not-sent'],
};

/** A4 and A5: the state, and with it whether `result()` resolves, follows from how the images ended. So does the report (C11). */
export function checkTables(simulation: Simulation, tracked: Tracked): void {
  const [end] = tracked.settled;
  if (end === undefined) return;
  const until = { seq: end.seq, at: end.at, turn: tracked.settledTurn };
  const all = possibleEnds(simulation, tracked, until);
  if (end.report !== undefined) checkReport(simulation, tracked, end.report, until);
  const isBlind = end.report !== undefined && cannotRead(simulation, tracked, end.report, until);
  const isDoubled = isBlind || unconfirmedDuplicates(simulation, tracked, until).length > 0;
  const states = all.flatMap((images) =>
    end.report === undefined ? rowsOf(images) : statesAfterTrigger(images, isDoubled),
  );
  if (states.some(({ state, error }) => state === end.state && error === nameOf(end))) return;
  const what = `${tracked.label} is ${end.state} with ${nameOf(end) ?? 'no error'}`;
  simulation.violated(new Violation('state and result', `${what}; its images: ${describe(all)}`));
}

/** C11: the outcome, and counts that add up to the number of images. */
export function checkReport(simulation: Simulation, tracked: Tracked, report: CancelReport, until: Moment): void {
  const all = possibleEnds(simulation, tracked, until);
  const duplicates = unconfirmedDuplicates(simulation, tracked, until);
  const { outcome, counts, leftovers } = report;
  const counted = all.filter((images) => agree(counts, images));
  const wrong = (what: string): void =>
    simulation.violated(new Violation('counts of images', `${tracked.label}: ${what}; its images: ${describe(all)}`));
  if (counted.length === 0) {
    wrong(`${outcome} counts ${JSON.stringify(counts)}`);
    return;
  }
  const outcomes = duplicates.length > 0 ? ['unconfirmed'] : counted.flatMap((images) => outcomesOf(counts, images));
  const isBlind = outcome === 'unconfirmed' && cannotRead(simulation, tracked, report, until);
  if (!outcomes.includes(outcome) && !isBlind) wrong(`${outcome} in place of ${outcomes.join(' or ')}`);
  const missing = duplicates.filter((name) => !leftovers.some((leftover) => leftover.name === name));
  if (missing.length > 0) wrong(`${missing.join(', ')} of the same display name may run, and is no leftover`);
  if (leftovers.length === 0 && counts.running > 0) wrong('something may run, and there are no leftovers');
}

/**
 * Nobody has told the handle for sure how a duplicate has ended. On Vertex its status cannot be had before its results were read,
 * which may take longer than the budget.
 */
function cannotRead(
  simulation: Simulation,
  tracked: Tracked,
  { leftovers }: Pick<CancelReport, 'leftovers'>,
  until: Moment,
): boolean {
  return leftovers.some(({ name }) => {
    if (name === undefined || tracked.names.includes(name)) return false;
    return tracked.root?.vertex === true || toldOfEnd(simulation, tracked, name, until) !== 'yes';
  });
}

/** The rows of A4 that may apply. */
function rowsOf(images: readonly Possible[]): readonly { readonly state: OperationState; readonly error?: string }[] {
  const last = ROWS.findIndex(({ ends }) => images.some((possible) => isWithin(possible, ends)));
  const rows = last === -1 ? ROWS : ROWS.slice(0, last + 1);
  return rows.filter(({ ends }) => images.some((possible) => mayBe(possible, ends)));
}

/** A5. A duplicate that may run is a job whose end is not known. */
function statesAfterTrigger(
  images: readonly Possible[],
  isDoubled: boolean,
): readonly { state: OperationState; error: string }[] {
  if (isDoubled) return [{ state: 'abandoned', error: 'AbortError' }];
  const { running } = COUNTED;
  const states: OperationState[] = [];
  if (images.some((possible) => mayBe(possible, running))) states.push('abandoned');
  if (!images.some((possible) => isWithin(possible, running))) states.push('cancelled');
  return states.map((state) => ({ state, error: 'AbortError' }));
}

/** C11's rows, by the numbers of a report that are right. */
function outcomesOf(counts: ImageCounts, images: readonly Possible[]): readonly CancelOutcome[] {
  const { made, cancelled, failed, running, notSent } = counts;
  if (running > 0) {
    const isLost = images.some((possible) => isWithin(possible, ['unknown']));
    const mayBeLost = images.some((possible) => mayBe(possible, ['unknown']));
    return [...(mayBeLost ? (['unconfirmed'] as const) : []), ...(isLost ? [] : (['not-cancelable'] as const))];
  }
  if (made > 0) return cancelled + notSent > 0 ? ['partially-cancelled'] : ['completed-anyway'];
  if (cancelled > 0) return ['cancelled'];
  return failed > 0 ? ['failed-anyway'] : ['not-started'];
}

/** Each number lies between what has to be counted there and what may be, and they add up to the number of images. */
function agree(counts: ImageCounts, images: readonly Possible[]): boolean {
  const { made, cancelled, failed, running, notSent } = counts;
  const sum = made + cancelled + failed + running + notSent;
  if (sum !== images.length) return false;
  return Object.entries(COUNTED).every(([name, ends]) => {
    const count = counts[name as keyof ImageCounts];
    const least = images.filter((possible) => isWithin(possible, ends)).length;
    const most = images.filter((possible) => mayBe(possible, ends)).length;
    return least <= count && count <= most;
  });
}

function mayBe(possible: Possible, ends: Possible): boolean {
  return possible.some((end) => ends.includes(end));
}

function isWithin(possible: Possible, ends: readonly ImageEnd[]): boolean {
  return possible.every((end) => ends.includes(end));
}

function nameOf({ error }: Seen<'settled'>): string | undefined {
  return error?.name;
}

function describe(all: readonly (readonly Possible[])[]): string {
  const texts = all.map((images) => images.map((possible) => [...new Set(possible)].join('|')).join(', '));
  return texts.join(', or ');
}
