import type { OperationOptions } from '../../../src/api/options.js';

/** One operation as it was asked for, whoever has it now. */
export interface Root {
  /** Counted from 1: it is in the seeds, so that each request and each picture tells what it is for. */
  readonly number: number;
  /** Which process has started it. */
  readonly pid: number;
  readonly indices: readonly number[];
  readonly vertex: boolean;
  readonly isBatch: boolean;
  /** Order among everything that happens in a run. */
  readonly startedSeq: number;
  readonly options: OperationOptions;
  /** The library's id. */
  readonly id: string;
  /** Whether it is written down, so that nothing may be forgotten even if its process dies. */
  isJournaled: boolean;
  isForgotten: boolean;
}
