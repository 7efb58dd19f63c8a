import type { ExitParticipant, HostLeftover, ShutdownProgress, UnclaimedImages } from '../../operation/platform.js';
import type { ImageCounts, ProcessSignal } from '../../api/report.js';

/** So many jobs are named, each in a line of its own. A crowd of them would hide what else is said. */
const MAX_NAMED = 20;

/** The way in which the process ends: by a signal, by a second one, or by itself. */
export type Ending = 'signal' | 'forced' | 'exit';

// Texts for `phrase()`.
const progressWords = {
  cancelling: 'cancelling # job[|s] on the server',
  unnamed:
    '# create[|s] [has|have] no answer yet, and [its job is|their jobs are] cancelled when [it has a name|they have names]',
  uncancelable: '# request[|s] cannot be cancelled',
  neverSent: '# job[|s] [was|were] never sent',
} as const satisfies Record<keyof ShutdownProgress, string>;

const countWords = {
  cancelled: '# cancelled (confirmed by the server)',
  made: '# completed',
  failed: '# failed',
  running: '# may still be made',
  notSent: '# not started',
} as const satisfies Record<keyof ImageCounts, string>;

const IMAGES = '# finished image[|s]';
const GIVEN = 'given to code that may not have finished with [it|them]';
const UNRESOLVED = 'The promise of `onImage` has not resolved for [it|them].';
const UNAWAITED = 'A promise of `onImage` would have been waited for.';
const UNRECEIVED = 'Nobody has received [it|them]; the option `onImage` would have received [it|them].';
const REQUESTS = '# request[|s] cannot be cancelled and may still be running: [its image is|their images are] lost';
const TOO_LATE = ' Nothing came within `limits.shutdownMs`.';
const UNEXPECTED = ' With the option `onImage` the process would have waited for [it|them].';

export function beginLine(signal: ProcessSignal, progress: readonly ShutdownProgress[]): string {
  const parts = totals(progress, progressWords);
  const again = signal === 'SIGINT' ? 'Press Ctrl+C again to quit now.' : `Send ${signal} again to quit now.`;
  return `${signal}: ${parts.length === 0 ? 'nothing is left to cancel' : parts.join('; ')}. ${again}`;
}

/** Says what became of the images. Only the ends that the server itself reported are called confirmed. */
export const countTexts = (counts: readonly ImageCounts[]) => totals(counts, countWords);

/** Says the sum of each count that is not 0. */
function totals<Key extends string>(counts: readonly Record<Key, number>[], words: Record<Key, string>): string[] {
  return (Object.keys(words) as Key[]).flatMap((key) => phrases(sum(counts.map((one) => one[key])), words[key]));
}

export function outcomeLine(operations: readonly ExitParticipant[]): readonly string[] {
  const texts = countTexts(operations.map((operation) => operation.counts()));
  return texts.length === 0 ? [] : [`images: ${texts.join(', ')}.`];
}

/** Names all that may still run, and the finished images that nobody has, each with the command to run. */
export function lastLines(
  operations: readonly ExitParticipant[],
  ending: Ending,
  acknowledged: ReadonlySet<string> = new Set(),
): readonly string[] {
  const named = operations.flatMap((operation) => [
    ...operation.leftovers().flatMap((leftover) => leftoverLine(leftover, acknowledged)),
    ...operation.unclaimed().flatMap(imagesLine),
  ]);
  const more = named.slice(MAX_NAMED).map(({ name }) => name);
  return [
    ...named.slice(0, MAX_NAMED).map(({ text }) => text),
    ...(more.length > 0 ? [`${more.length} more of them: ${more.join(', ')}.`] : []),
    ...unnamedLines(operations),
    ...lostLines(operations, ending),
  ];
}

function leftoverLine({ name, howToCancel, howToFetch = '' }: HostLeftover, acknowledged: ReadonlySet<string>) {
  if (name === undefined) return [];
  const isAcknowledged = acknowledged.has(name);
  const what = isAcknowledged ? 'the cancel was acknowledged, and its end is not confirmed' : 'may still be running';
  const how = `Cancel it with: ${howToCancel} or fetch what it makes with: ${howToFetch}`;
  // Of a name that the server denies it says what to check.
  return { name, text: `${what}: ${name}. ${howToCancel.startsWith('npx ') ? how : howToCancel}` };
}

function imagesLine({ name, count, howToFetch, isDelivered }: UnclaimedImages) {
  if (name === undefined || howToFetch === undefined) return [];
  const why = isDelivered ? GIVEN : 'not handed over';
  const fetch = phrase(count, `[was|were] ${why}. Fetch [it|them] with:`);
  return { name, text: `${phrase(count, IMAGES)} of ${name} ${fetch} ${howToFetch}` };
}

/** Creates without an answer have no names. Those that nobody can find again are counted, not listed. */
function unnamedLines(operations: readonly ExitParticipant[]): readonly string[] {
  const leftovers = operations.flatMap((operation) => operation.leftovers());
  const unnamed = leftovers.filter(({ name, isCancelable }) => name === undefined && isCancelable);
  const hints = unnamed.map(({ howToCancel }) => howToCancel);
  const lines = [...new Set(hints)].map((hint) => {
    const count = hints.filter((other) => other === hint).length;
    return `${phrase(count, '# create[|s] [has|have] no answer.')} ${hint}`;
  });
  const more = lines.length - MAX_NAMED;
  return more > 0 ? [...lines.slice(0, MAX_NAMED), `${more} more creates have no answer.`] : lines;
}

/** Images that exist in this process only, and those that would come to it. */
function lostLines(operations: readonly ExitParticipant[], ending: Ending): readonly string[] {
  return [false, true].flatMap((hasReceiver) => {
    const some = operations.filter((operation) => operation.hasReceiver === hasReceiver);
    const images = some.flatMap((operation) => operation.unclaimed()).filter(({ name }) => name === undefined);
    const delivered = sum(images.map(({ isDelivered, count }) => (isDelivered ? count : 0)));
    const undelivered = sum(images.map(({ count }) => count)) - delivered;
    const requests = some.flatMap((operation) => operation.leftovers()).filter(({ isCancelable }) => !isCancelable);
    return [
      ...phrases(undelivered, `lost: ${IMAGES}. ${hasReceiver ? UNRESOLVED : UNRECEIVED}`),
      ...phrases(delivered, `perhaps lost: ${IMAGES} [was|were] ${GIVEN}. ${hasReceiver ? UNRESOLVED : UNAWAITED}`),
      ...phrases(requests.length, `${REQUESTS}.${ending !== 'signal' ? '' : hasReceiver ? TOO_LATE : UNEXPECTED}`),
    ];
  });
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

/** Puts the number in the place of `#`, and of each `[one|many]` the form that goes with it. */
const phrase = (count: number, text: string): string =>
  text.replace('#', String(count)).replace(/\[(.*?)\|(.*?)\]/g, count === 1 ? '$1' : '$2');

const phrases = (count: number, text: string): readonly string[] => (count === 0 ? [] : [phrase(count, text)]);
