import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CloudStorage } from '../../src/api/cloud-storage.js';
import { readRows } from '../../src/google/batches/results.js';
import { DESTINATION, putRows, SOURCE, storageOn } from '../google/batches/vertex-setup.js';
import { arena, BUDGETS, endOf, type Ending } from './arena.js';
import { spoiling, wrongInside } from './arbitraries/answer.js';
import { jsonText, rubbish } from './arbitraries/json.js';
import type { Trick } from './hostile-server.js';
import { expectSound } from './invariants.js';
import { watchTheRealm } from './pollution.js';
import { PROPERTY_TIMEOUT_MS, runs } from './property.js';
import { keysIn } from './secrets.js';
import { spoil } from './spoil.js';
import { cancelAfterMs, tricksOn } from './tricks.js';

interface Files {
  readonly names: readonly unknown[];
  readonly bytes: Uint8Array;
}

/** A storage that answers anything. */
function storageOf({ names, bytes }: Files): CloudStorage {
  return {
    bucket: () => ({
      getFiles: () => Promise.resolve([names.map((name) => ({ name }))] as unknown as [{ name: string }[]]),
      file: () => ({ download: () => Promise.resolve([bytes]) }),
    }),
  };
}

async function survive(tricks: readonly Trick[], cancelAfter?: number, files?: Files): Promise<Ending> {
  const world = arena(tricks, { vertex: true, client: { limits: { ...BUDGETS.limits, pollMs: 1_000 } } });
  putRows(world.emulator, ['0', '1']);
  const storage = files === undefined ? storageOn(world.emulator) : storageOf(files);
  const operation = world.images.startBatch(SOURCE, {
    model: 'gemini-3.1-flash-image',
    destination: DESTINATION,
    storage,
  });
  const ending = await endOf(world, operation, cancelAfter);
  expectSound(world, ending, keysIn);
  return ending;
}

const row = fc.oneof(
  rubbish,
  fc
    .record({ key: jsonText, status: jsonText, response: jsonText })
    .map(({ key, status, response }) => `{"key":${key},"status":${status},"response":${response}}`),
  jsonText.map((part) => `{"key":"1","response":{"candidates":[{"content":{"parts":[${part}]}}]}}`),
  jsonText.map((data) => `{"response":{"candidates":[{"content":{"parts":[{"inlineData":{"data":${data}}}]}}]}}`),
);

const files: fc.Arbitrary<Files> = fc.record({
  names: fc.array(
    fc.constantFrom<unknown>('predictions.jsonl', '../../x.jsonl', '', '.jsonl', 'a.json', '__proto__.jsonl'),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
  bytes: fc.oneof(
    fc.array(row, { maxLength: 5 }).map((rows) => new TextEncoder().encode(rows.join('\n'))),
    fc.array(row, { maxLength: 5 }).map((rows) => new TextEncoder().encode(`\ufeff${rows.join('\r\n')}`)),
    fc.uint8Array({ maxLength: 60 }),
  ),
});

describe('a batch on Vertex', () => {
  watchTheRealm();

  it(
    'survives whatever its creates, reads, cancels and lists are answered',
    () =>
      fc.assert(
        fc.asyncProperty(
          tricksOn(
            ['batch-create', 'batch-get', 'batch-get', 'batch-list', 'batch-cancel'],
            fc.oneof(spoiling, wrongInside),
          ),
          cancelAfterMs,
          async (tricks, cancelAfter) => {
            await survive(tricks, cancelAfter);
          },
        ),
        runs(80),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'survives whatever lies in the files of its results',
    () =>
      fc.assert(
        fc.asyncProperty(files, async (lying) => {
          await survive([], undefined, lying);
        }),
        runs(50),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it.each(['9007199254740991', '4294967296', '200000000'])('counts no %s rows', async (count) => {
    const stats = `"completionStats":{"successfulCount":"${count}","failedCount":${count}}`;
    const text = `{"name":"projects/1/locations/global/batchPredictionJobs/2","state":"JOB_STATE_SUCCEEDED",${stats}}`;
    const tricks = (['batch-create', 'batch-get'] as const).map((route): Trick => ({
      route,
      skip: 0,
      times: Infinity,
      play: (truth) => spoil(truth, { status: 200, body: { kind: 'replaced', text }, bom: false, headers: {} }),
    }));
    // It is believed that the job has made something, but not so much of it.
    expect((await survive(tricks)).error).toBeUndefined();
  });

  it('takes more rows than a call has room for arguments', async () => {
    const bytes = new TextEncoder().encode('{"status":"no"}\n'.repeat(300_000));
    const rows = await readRows(storageOf({ names: ['predictions.jsonl'], bytes }), DESTINATION);
    expect(rows).toHaveLength(300_000);
  });
});
