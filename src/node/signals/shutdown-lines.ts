import type { ExitParticipant, HostLeftover, ShutdownProgress, UnclaimedImages } from '../../operation/platform.js';
import type { ImageCounts, ProcessSignal } from '../../api/report.js';

/** So many jobs are named, each in a line of its own. A crowd of them would hide what else is said. */
const MAX_NAMED = 20;

/** The way in which the process ends: by a signal, by a second one, or by itself. */
export type Ending = 'signal' | 'forced' | 'exit';

/** Says how many jobs are being cancelled, how many requests cannot be, and how many were never sent. */
export function beginLine(signal: ProcessSignal, operations: readonly ExitParticipant[]): string {
  const progress = operations.map((operation) => operation.progress());
  const count = (key: keyof ShutdownProgress): number => sum(progress.map((one) => one[key]));
  const parts = [
    phrase(count('cancelling'), 'cancelling 1 job on the server', 'cancelling # jobs on the server'),
    phrase(
      count('unnamed'),
      '1 create has no answer yet, and its job is cancelled when it has a name',
      '# creates have no answer yet, and their jobs are cancelled when they have names',
    ),
    phrase(count('uncancelable'), '1 request cannot be cancelled', '# requests cannot be cancelled'),
    phrase(count('neverSent'), '1 job was never sent', '# jobs were never sent'),
  ].flat();
  const again = signal === 'SIGINT' ? 'Press Ctrl+C again to quit now.' : `Send ${signal} again to quit now.`;
  return `${signal}: ${parts.length === 0 ? 'nothing is left to cancel' : parts.join('; ')}. ${again}`;
}

const countWords = {
  cancelled: 'cancelled (confirmed by the server)',
  made: 'completed',
  failed: 'failed',
  running: 'may still be made',
  notSent: 'not started',
} as const satisfies Record<keyof ImageCounts, string>;

/** Says what became of the images. Only the ends that the server itself reported are called confirmed. */
export function countTexts(counts: readonly ImageCounts[]): readonly string[] {
  return (Object.keys(countWords) as (keyof ImageCounts)[]).flatMap((key) => {
    const count = sum(counts.map((one) => one[key]));
    return count === 0 ? [] : `${count} ${countWords[key]}`;
  });
}

/** Sums up what became of the images, if there are any. */
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

function leftoverLine(leftover: HostLeftover, acknowledged: ReadonlySet<string>) {
  const { name, howToCancel, howToFetch = '' } = leftover;
  if (name === undefined) return [];
  const isAcknowledged = acknowledged.has(name);
  const what = isAcknowledged ? 'the cancel was acknowledged, and its end is not confirmed' : 'may still be running';
  const how = `Cancel it with: ${howToCancel} or fetch what it makes with: ${howToFetch}`;
  // Of a name that the server denies it says what to check.
  return { name, text: `${what}: ${name}. ${howToCancel.startsWith('npx ') ? how : howToCancel}` };
}

function imagesLine({ name, count, howToFetch, isDelivered }: UnclaimedImages) {
  if (name === undefined || howToFetch === undefined) return [];
  const [what, was, it] = wordsFor(count);
  const why = isDelivered ? givenFor(it) : 'not handed over';
  return { name, text: `${what} of ${name} ${was} ${why}. Fetch ${it} with: ${howToFetch}` };
}

/** Creates without an answer have no names. Those that nobody can find again are counted, not listed. */
function unnamedLines(operations: readonly ExitParticipant[]): readonly string[] {
  const leftovers = operations.flatMap((operation) => operation.leftovers());
  const unnamed = leftovers.filter(({ name, isCancelable }) => name === undefined && isCancelable);
  const hints = unnamed.map(({ howToCancel }) => howToCancel);
  const lines = [...new Set(hints)].map((hint) => {
    const count = hints.filter((other) => other === hint).length;
    return `${phrase(count, '1 create has no answer', '# creates have no answer').join('')}. ${hint}`;
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
      ...(undelivered === 0 ? [] : [lostLine(undelivered, hasReceiver, false)]),
      ...(delivered === 0 ? [] : [lostLine(delivered, hasReceiver, true)]),
      ...(requests.length === 0 ? [] : [inTheMakingLine(requests.length, hasReceiver, ending)]),
    ];
  });
}

function lostLine(count: number, hasReceiver: boolean, isDelivered: boolean): string {
  const [what, was, it] = wordsFor(count);
  const fate = isDelivered ? `perhaps lost: ${what} ${was} ${givenFor(it)}` : `lost: ${what}`;
  if (hasReceiver) return `${fate}. The promise of \`onImage\` has not resolved for ${it}.`;
  if (isDelivered) return `${fate}. A promise of \`onImage\` would have been waited for.`;
  return `${fate}. Nobody has received ${it}; the option \`onImage\` would have received ${it}.`;
}

const givenFor = (it: string): string => `given to code that may not have finished with ${it}`;

function inTheMakingLine(count: number, hasReceiver: boolean, ending: Ending): string {
  const [what, it] =
    count === 1
      ? ['1 request cannot be cancelled and may still be running: its image is lost', 'it']
      : [`${count} requests cannot be cancelled and may still be running: their images are lost`, 'them'];
  if (ending !== 'signal') return `${what}.`;
  if (hasReceiver) return `${what}. Nothing came within \`limits.shutdownMs\`.`;
  return `${what}. With the option \`onImage\` the process would have waited for ${it}.`;
}

function wordsFor(count: number): readonly [what: string, was: string, it: string] {
  return count === 1 ? ['1 finished image', 'was', 'it'] : [`${count} finished images`, 'were', 'them'];
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

/** Says nothing of nothing. A `#` in `many` stands for the number. */
function phrase(count: number, one: string, many: string): readonly string[] {
  if (count === 0) return [];
  return [count === 1 ? one : many.replace('#', String(count))];
}
