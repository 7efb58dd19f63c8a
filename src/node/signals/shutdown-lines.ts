import type { ExitParticipant, HostLeftover, ShutdownProgress, UnclaimedImages } from '../../operation/platform.js';
import type { ImageCounts, ProcessSignal } from '../../api/report.js';

/** So many jobs are named, each in a line of its own. A crowd of them would hide what else is said. */
const MAX_NAMED = 20;

/** The way in which the process ends: by a signal, by a second one, or by itself. */
export type Ending = 'signal' | 'forced' | 'exit';

/** Says how many jobs are being cancelled, how many requests cannot be, and how many were never sent. */
export function beginLine(signal: ProcessSignal, operations: readonly ExitParticipant[]): string {
  const total = totalOf<ShutdownProgress>(operations.map((operation) => operation.progress()));
  const parts = [
    phrase(total('cancelling'), 'cancelling 1 job on the server', (n) => `cancelling ${n} jobs on the server`),
    phrase(
      total('unnamed'),
      '1 create has no answer yet, and its job is cancelled when it has a name',
      (n) => `${n} creates have no answer yet, and their jobs are cancelled when they have names`,
    ),
    phrase(total('uncancelable'), '1 request cannot be cancelled', (n) => `${n} requests cannot be cancelled`),
    phrase(total('neverSent'), '1 job was never sent', (n) => `${n} jobs were never sent`),
  ].flat();
  const again = signal === 'SIGINT' ? 'Press Ctrl+C again to quit now.' : `Send ${signal} again to quit now.`;
  return `${signal}: ${parts.length === 0 ? 'nothing is left to cancel' : parts.join('; ')}. ${again}`;
}

/** Says what became of the images. Only the ends that the server itself reported are called confirmed. */
export function outcomeLine(operations: readonly ExitParticipant[]): readonly string[] {
  const total = totalOf<ImageCounts>(operations.map((operation) => operation.counts()));
  const parts = [
    phrase(
      total('cancelled'),
      '1 cancelled (confirmed by the server)',
      (n) => `${n} cancelled (confirmed by the server)`,
    ),
    phrase(total('made'), '1 completed', (n) => `${n} completed`),
    phrase(total('failed'), '1 failed', (n) => `${n} failed`),
    phrase(total('running'), '1 may still be made', (n) => `${n} may still be made`),
    phrase(total('notSent'), '1 not started', (n) => `${n} not started`),
  ].flat();
  return parts.length === 0 ? [] : [`images: ${parts.join(', ')}.`];
}

/** Names all that may still run, and the finished images that nobody has, each with the command to run. */
export function lastLines(
  operations: readonly ExitParticipant[],
  ending: Ending,
  acknowledged: ReadonlySet<string> = new Set(),
): readonly string[] {
  const named = operations.flatMap((operation) => [
    ...operation.leftovers().flatMap((leftover) => namedLeftoverLine(leftover, acknowledged)),
    ...operation.unclaimed().flatMap(namedImagesLine),
  ]);
  const more = named.length - MAX_NAMED;
  return [
    ...named.slice(0, MAX_NAMED),
    ...(more > 0 ? [`${more} more of them: ${namesIn(operations).slice(MAX_NAMED).join(', ')}.`] : []),
    ...unnamedLines(operations),
    ...lostLines(operations, ending),
  ];
}

/** A crowd is named in one line. */
function namesIn(operations: readonly ExitParticipant[]): readonly string[] {
  const all = operations.flatMap((operation) => [...operation.leftovers(), ...operation.unclaimed()]);
  return all.flatMap(({ name }) => name ?? []);
}

function namedLeftoverLine(
  { name, howToCancel, howToFetch }: HostLeftover,
  acknowledged: ReadonlySet<string>,
): readonly string[] {
  if (name === undefined) return [];
  const what = acknowledged.has(name)
    ? 'the cancel was acknowledged, and its end is not confirmed'
    : 'may still be running';
  // Of a name that the server denies it says what to check.
  if (!howToCancel.startsWith('npx ')) return [`${what}: ${name}. ${howToCancel}`];
  return [`${what}: ${name}. Cancel it with: ${howToCancel} or fetch what it makes with: ${howToFetch ?? ''}`];
}

function namedImagesLine({ name, count, howToFetch, isDelivered }: UnclaimedImages): readonly string[] {
  if (name === undefined || howToFetch === undefined) return [];
  const [what, was, it] = wordsFor(count);
  const why = isDelivered ? `${was} given to code that may not have finished with ${it}` : `${was} not handed over`;
  return [`${what} of ${name} ${why}. Fetch ${it} with: ${howToFetch}`];
}

/** Creates without an answer have no names. Those that nobody can find again are counted, not listed. */
function unnamedLines(operations: readonly ExitParticipant[]): readonly string[] {
  const hints = operations.flatMap((operation) =>
    operation
      .leftovers()
      .flatMap(({ name, isCancelable, howToCancel }) => (name === undefined && isCancelable ? [howToCancel] : [])),
  );
  const lines = [...new Set(hints)].map((hint) => {
    const count = hints.filter((other) => other === hint).length;
    return `${phrase(count, '1 create has no answer', (n) => `${n} creates have no answer`).join('')}. ${hint}`;
  });
  const more = lines.length - MAX_NAMED;
  return more > 0 ? [...lines.slice(0, MAX_NAMED), `${more} more creates have no answer.`] : lines;
}

/** Images that exist in this process only, and those that would come to it. */
function lostLines(operations: readonly ExitParticipant[], ending: Ending): readonly string[] {
  return [false, true].flatMap((hasReceiver) => {
    const some = operations.filter((operation) => operation.hasReceiver === hasReceiver);
    const images = some.flatMap((operation) => operation.unclaimed()).filter(({ name }) => name === undefined);
    const [delivered = 0, undelivered = 0] = [true, false].map((isDelivered) =>
      images.filter((one) => one.isDelivered === isDelivered).reduce((sum, { count }) => sum + count, 0),
    );
    const requests = some.flatMap((operation) => operation.leftovers()).filter(({ isCancelable }) => !isCancelable);
    return [
      ...(undelivered === 0 ? [] : [lostLine(undelivered, hasReceiver)]),
      ...(delivered === 0 ? [] : [perhapsLostLine(delivered, hasReceiver)]),
      ...(requests.length === 0 ? [] : [inTheMakingLine(requests.length, hasReceiver, ending)]),
    ];
  });
}

function lostLine(count: number, hasReceiver: boolean): string {
  const [what, , it] = wordsFor(count);
  if (hasReceiver) return `lost: ${what}. The promise of \`onImage\` has not resolved for ${it}.`;
  return `lost: ${what}. Nobody has received ${it}; the option \`onImage\` would have received ${it}.`;
}

function perhapsLostLine(count: number, hasReceiver: boolean): string {
  const [what, was, it] = wordsFor(count);
  const hint = hasReceiver
    ? `The promise of \`onImage\` has not resolved for ${it}`
    : 'A promise of `onImage` would have been waited for';
  return `perhaps lost: ${what} ${was} given to code that may not have finished with ${it}. ${hint}.`;
}

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

function totalOf<T extends Record<keyof T, number>>(some: readonly T[]): (key: keyof T) => number {
  return (key) => some.reduce((sum, one) => sum + one[key], 0);
}

function phrase(count: number, one: string, many: (count: number) => string): readonly string[] {
  if (count === 0) return [];
  return [count === 1 ? one : many(count)];
}
