import type { ExitParticipant, UnclaimedImages } from '../../operation/platform.js';
import type { ImageCounts, Leftover, ProcessSignal } from '../../api/report.js';

/** Says how many jobs are being cancelled, how many requests cannot be, and how many were never sent. */
export function beginLine(signal: ProcessSignal, operations: readonly ExitParticipant[]): string {
  const progress = operations.map((operation) => operation.progress());
  const total = (key: keyof (typeof progress)[number]): number => progress.reduce((sum, one) => sum + one[key], 0);
  const parts = [
    sentence(total('cancelling'), 'cancelling 1 job on the server', (n) => `cancelling ${n} jobs on the server`),
    sentence(total('uncancelable'), '1 request cannot be cancelled', (n) => `${n} requests cannot be cancelled`),
    sentence(total('neverSent'), '1 job was never sent', (n) => `${n} jobs were never sent`),
  ].flat();
  const again = signal === 'SIGINT' ? 'Press Ctrl+C again to quit now.' : `Send ${signal} again to quit now.`;
  return `${signal}: ${parts.length === 0 ? 'nothing is running' : parts.join('; ')}. ${again}`;
}

/** Says what became of the images. Only the ends that the server itself reported are called confirmed. */
export function outcomeLine(operations: readonly ExitParticipant[]): readonly string[] {
  const counts = operations.flatMap((operation) => operation.report()?.counts ?? []);
  const total = (key: keyof ImageCounts): number => counts.reduce((sum, one) => sum + one[key], 0);
  const parts = [
    sentence(
      total('cancelled'),
      '1 cancelled (confirmed by the server)',
      (n) => `${n} cancelled (confirmed by the server)`,
    ),
    sentence(total('made'), '1 made', (n) => `${n} made`),
    sentence(total('failed'), '1 failed', (n) => `${n} failed`),
    sentence(total('running'), '1 not confirmed', (n) => `${n} not confirmed`),
    sentence(total('notSent'), '1 never sent', (n) => `${n} never sent`),
  ].flat();
  return parts.length === 0 ? [] : [`images: ${parts.join(', ')}.`];
}

/** Names all that may still run, and the finished images that nobody has, each with the command to run. */
export function lastLines(
  operations: readonly ExitParticipant[],
  acknowledged: ReadonlySet<string> = new Set(),
): readonly string[] {
  const leftovers = operations.flatMap((operation) => operation.leftovers());
  const unclaimed = operations.flatMap((operation) => operation.unclaimed());
  return [...leftovers.map((leftover) => leftoverLine(leftover, acknowledged)), ...unclaimed.map(unclaimedLine)];
}

function leftoverLine({ name, howToCancel }: Leftover, acknowledged: ReadonlySet<string>): string {
  if (name === undefined) return `may still be running. ${howToCancel}`;
  const what = acknowledged.has(name)
    ? 'the cancel was acknowledged, and its end is not confirmed'
    : 'may still be running';
  // Of a name that the server denies it says what to check.
  return `${what}: ${name}. ${howToCancel.endsWith(name) ? 'Cancel it with: ' : ''}${howToCancel}`;
}

function unclaimedLine({ name, count, howToFetch }: UnclaimedImages): string {
  const [what, were, them] =
    count === 1 ? ['1 finished image', 'was', 'it'] : [`${count} finished images`, 'were', 'them'];
  if (name === undefined || howToFetch === undefined) {
    return `lost: ${what}. Nobody has received ${them}; the option \`onImage\` would have received ${them}.`;
  }
  return `${what} of ${name} ${were} not handed over. Fetch ${them} with: ${howToFetch}`;
}

function sentence(count: number, one: string, many: (count: number) => string): readonly string[] {
  if (count === 0) return [];
  return [count === 1 ? one : many(count)];
}
