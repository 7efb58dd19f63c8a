import type { Batch, BatchSpec } from '../../../src/testing/batch.js';
import type { FaultTarget } from '../../../src/testing/fault-book.js';
import type { Job, JobSpec } from '../../../src/testing/job.js';
import type { JobRecord } from '../../../src/testing/meter.js';
import { World as EmulatedWorld } from '../../../src/testing/world.js';

/** An image that the server has made, and what tells it from all others: its bytes, or its address. */
export interface MadeImage {
  readonly index: number;
  readonly key: string;
}

/** How the server says that an image has ended. A refusal by the model is made, too (A8). */
export type ServerEnd = 'made' | 'cancelled' | 'failed';

/** A job as the server has it, and which images of which operation it is for. */
export interface ServerJob {
  readonly record: JobRecord;
  /** Number of the operation. */
  readonly root: number;
  readonly indices: readonly number[];
  /** Returns the images that it has made and gives out. */
  made(): readonly MadeImage[];
  /** How each image has ended, in order, once the job has; `undefined` if its answer tells of the job as a whole only. */
  ends(): readonly ServerEnd[] | undefined;
}

/** How many seeds an operation has: the seed of a request tells the operation and the image. */
export const SEEDS = 1_000;
const SAMPLES = 100;

/** A prompt that has the word by which refusals are told. Some rejections quote it. */
export const QUOTED_PROMPT = 'a lighthouse in the background of a storm';

/** The emulated server, which keeps track of what each job is for. */
export class SimulatedServer extends EmulatedWorld {
  readonly work: ServerJob[] = [];

  override start(spec: JobSpec, target: FaultTarget): Job {
    const { sample = 0, seed = 0 } = spec;
    // Two jobs of one seed make two pictures, so that it can be told whose was delivered.
    const job = super.start({ ...spec, sample: sample + SAMPLES * this.nextIndex }, target);
    const index = (seed % SEEDS) + sample;
    const made = (): readonly MadeImage[] => {
      if (job.image === undefined) return [];
      // Only interactions can deliver an address in place of an image.
      const key = job.spec.asUri === true && spec.id !== undefined ? addressOf(job) : job.image.base64;
      return [{ index, key }];
    };
    const ends = (): readonly ServerEnd[] => [endOf(job.record)];
    this.work.push({ record: job.record, root: Math.floor(seed / SEEDS), indices: [index], made, ends });
    return job;
  }

  override startBatch(given: BatchSpec, target: FaultTarget): Batch {
    const sample = SAMPLES * this.nextIndex;
    const spec = { ...given, items: given.items.map((item) => withSample(item, sample)) };
    const batch = super.startBatch(spec, target);
    const seeds = spec.items.map(({ request }) => (typeof request === 'string' ? 0 : (request.seed ?? 0)));
    const indices = seeds.map((seed) => seed % SEEDS);
    const made = (): readonly MadeImage[] => {
      const isGivenOut = spec.host === 'gemini' ? batch.hasResults : batch.outputInfo !== undefined;
      if (!isGivenOut) return [];
      return batch.items.flatMap(({ state, job }, position) => {
        const image = state === 'completed' ? job?.image : undefined;
        return image === undefined ? [] : [{ index: indices[position] ?? 0, key: image.base64 }];
      });
    };
    const ends = (): readonly ServerEnd[] | undefined => itemEndsOf(batch);
    this.work.push({ record: batch.record, root: Math.floor((seeds[0] ?? 0) / SEEDS), indices, made, ends });
    return batch;
  }

  jobNamed(name: string): ServerJob | undefined {
    return this.work.find(({ record }) => record.name === name);
  }
}

/** How a job as a whole has ended. */
export function endOf({ endReason }: JobRecord): ServerEnd {
  if (endReason === 'completed' || endReason === 'refused') return 'made';
  return endReason === 'cancelled' ? 'cancelled' : 'failed';
}

/** How the items have ended, if the answer gives out what came of each. On Vertex it does where a row was completed. */
function itemEndsOf({ spec, items, hasResults, outputInfo, record }: Batch): readonly ServerEnd[] | undefined {
  const isTold = spec.host === 'gemini' ? hasResults : outputInfo !== undefined && isSomeMade(items, record);
  if (!isTold) return undefined;
  const left = record.endReason === 'cancelled' ? 'cancelled' : 'failed';
  return items.map(({ state }) => (state === 'completed' ? 'made' : state === 'failed' ? 'failed' : left));
}

/** Rows that failed are written, too; a batch that succeeded tells of them. */
function isSomeMade(items: Batch['items'], { endReason }: JobRecord): boolean {
  return endReason === 'completed' || items.some(({ state }) => state === 'completed');
}

function withSample(item: BatchSpec['items'][number], sample: number): BatchSpec['items'][number] {
  if (typeof item.request === 'string') return item;
  return { ...item, request: Object.assign({}, item.request, { sample }) };
}

/** As the emulator gives it for an image that it does not deliver inline. */
function addressOf({ spec }: Job): string {
  return `${spec.origin}/v1beta/files/${spec.id ?? ''}:download?alt=media`;
}
