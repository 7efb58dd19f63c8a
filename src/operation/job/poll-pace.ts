/** How long the last job of a model took: it still ran after `fromMs`, and was over after `toMs`. */
export interface WorkLength {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Ages of a job at the first reads: what is refused or fails at once is seen soon. */
export const FIRST_READ_MS = 250;
const FIRST_READS_MS = [FIRST_READ_MS, 500, 1_000];
/** First reads that come sooner than this part of the known length are left out. */
const SOONEST = 0.1;
/** An end is seen at most so late, as a part of the work's length, or by the shortest pause. */
const LATENESS = 0.045;
const SHORTEST_PAUSE_MS = 250;
/** Part of a pause that is left to chance, so that processes do not read as one. */
const JITTER = 0.1;

/**
 * Returns the pause before the next status read of a job without a stream: at most `pollMs`, and that where its age is unknown.
 * Where an earlier job of the model tells the length, the reads come close together from the likely end on.
 */
export function pollPauseMs(ageMs: number | undefined, pollMs: number, length?: WorkLength): number {
  const jittered = between(pollMs * (1 - JITTER), pollMs);
  if (ageMs === undefined) return jittered;
  const soonestMs = SOONEST * (length?.fromMs ?? 0);
  const firstMs = FIRST_READS_MS.find((atMs) => atMs > ageMs && atMs >= soonestMs) ?? Infinity;
  return Math.min(firstMs - ageMs, length === undefined ? jittered : pauseToEndMs(ageMs, pollMs, length), pollMs);
}

/** Leads to the likely end by equal pauses, and goes on from there by short ones. */
function pauseToEndMs(ageMs: number, pollMs: number, { fromMs, toMs }: WorkLength): number {
  const closeMs = Math.max(SHORTEST_PAUSE_MS, LATENESS * Math.max(ageMs, fromMs));
  const leftMs = Math.min(fromMs + closeMs, toMs + SHORTEST_PAUSE_MS / 2) - ageMs;
  if (leftMs <= closeMs / 2) return closeMs;
  const pauses = Math.ceil(leftMs / pollMs);
  // Chance must not cost another read.
  return between(Math.max(leftMs - (pauses - 1) * pollMs, (leftMs / pauses) * (1 - JITTER)), leftMs / pauses);
}

const between = (fromMs: number, toMs: number): number => Math.round(fromMs + (toMs - fromMs) * Math.random());
