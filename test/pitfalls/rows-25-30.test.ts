import { expect, it } from 'vitest';
import type { Operation, OperationOptions } from '../../src/index.js';
import type { Fault } from '../../src/testing/index.js';
import { rejection, resolution } from '../support/setup.js';
import { endless, noStream, startWith, ways, type Started } from './support.js';

it.each(ways.filter(({ backend }) => backend !== 'models'))(
  '#25 an unknown state is polled for ever, or hot: not of $name',
  async (way) => {
    const status = way.backend === 'batches' ? 'JOB_STATE_PONDERING' : 'pondering';
    const { clock, emulator, operation } = startWith([noStream, { ...endless, status }], { way, limits: { pollMs: 7_000 }, timeoutMs: 600_000 }); // prettier-ignore
    const warnings: string[] = [];
    operation.on('warning', ({ message }) => warnings.push(message));
    await clock.advance(300_000);
    const reads = emulator.meter.requests.filter(({ route }) => route.endsWith('get')).map(({ at }) => at);
    const gaps = reads.slice(2).map((at, index) => at - (reads[index + 1] ?? 0));
    expect(gaps.length).toBeGreaterThan(20);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(7_000);
    expect(operation.jobs[0]?.lastStatus).toContain(status);
    expect(warnings).toEqual([expect.stringContaining(status)]);
    expect(await rejection(clock, operation.result())).toMatchObject({
      report: { trigger: 'timeout', outcome: way.backend === 'batches' ? 'completed-anyway' : 'cancelled' },
    });
  },
);

it('#26 reason lost; abort and timeout look the same: the trigger and the reason are kept', async () => {
  const reason = new Error('mine');
  const stops: [(started: Started & { controller: AbortController }) => unknown, object][] = [
    [({ operation }) => operation.cancel(reason), { cause: reason, report: { trigger: 'cancel', reason } }],
    [({ controller }) => controller.abort(reason), { cause: reason, report: { trigger: 'signal', reason } }],
    [
      ({ operation }) => operation[Symbol.asyncDispose](),
      { cause: { name: 'AbortError' }, report: { trigger: 'dispose' } },
    ],
    [({ clock }) => clock.advance(5_000), { cause: { name: 'TimeoutError' }, report: { trigger: 'timeout' } }],
  ];
  for (const [stop, expected] of stops) {
    const controller = new AbortController();
    const started = startWith([endless], { cancelSignal: controller.signal, timeoutMs: 5_000 });
    await started.clock.advance(1_000);
    void stop({ ...started, controller });
    const error = await rejection(started.clock, started.operation.result());
    expect(error).toMatchObject(expected);
    if ('reason' in (expected as { report: object }).report) expect((error as Error).cause).toBe(reason);
  }
});

/** Every error that an operation can end with, and the job that it is about. */
async function failures(): Promise<{ error: Error & { jobs: { name?: string }[] }; name: string | undefined }[]> {
  const lost: readonly Fault[] = [noStream, { kind: 'status', route: 'get', status: 500 }, endless];
  const cases: [readonly Fault[], (((operation: Operation) => void) | undefined)?, OperationOptions?][] = [
    [[endless], (operation) => void operation.cancel()],
    [[{ kind: 'fail' }]],
    [[{ kind: 'status', route: 'create', status: 400, message: 'No.' }]],
    [[{ kind: 'reset', route: 'create', when: 'after' }]],
    [[{ kind: 'background-refused', route: 'create' }], undefined, { requireCancelable: true }],
    [lost],
  ];
  const all = [];
  for (const [faults, stop, options] of cases) {
    const { clock, emulator, operation } = startWith(faults, { ...options, limits: { watchMs: 30_000 } });
    await clock.advance(1_000);
    stop?.(operation);
    const error = (await rejection(clock, operation.result())) as Error & { jobs: { name?: string }[] };
    const isLost = (error as { code?: unknown }).code === 'RESPONSE_LOST';
    all.push({ error, name: isLost ? undefined : emulator.meter.jobs[0]?.name });
  }
  return all;
}

const NAMES = [
  ['AbortError', 'ABORT_ERR'],
  ['OperationFailedError', 'FAILED'],
  ['NotStartedError', 'REJECTED'],
  ['MayBeRunningError', 'RESPONSE_LOST'],
  ['NotStartedError', 'NOT_CANCELABLE'],
  ['MayBeRunningError', 'WATCH_LOST'],
];

it('#27 unusable error name: each is literal, with a code', async () => {
  const errors = (await failures()).map(({ error }) => error);
  expect(errors.map((error) => [error.name, (error as Error & { code?: unknown }).code])).toEqual(NAMES);
  for (const error of errors) expect(Object.hasOwn(error, 'name')).toBe(true);
});

it('#28 the error does not carry the id: it names its jobs, and how to go on', async () => {
  for (const { error, name } of await failures()) {
    expect(error.jobs.map((job) => job.name)).toEqual([name]);
    expect(error.jobs).toMatchObject([{ index: 0, backend: 'interactions', state: expect.any(String) as string }]);
  }
  const { clock, operation } = startWith([endless, { kind: 'cancel-ignored' }]);
  await clock.advance(1_000);
  void operation.cancel();
  const error = await rejection(clock, operation.result());
  expect((error as Error).message).toContain(operation.jobs[0]?.name);
  expect(error).toHaveProperty(
    'report.leftovers.0.howToCancel',
    `npx --no genai-cancel cancel ${operation.jobs[0]?.name ?? ''}`,
  );
});

it('#29 errors serialise to `{}`: they have what matters', async () => {
  for (const { error } of await failures()) {
    const { name, message, jobs } = error;
    expect(JSON.parse(JSON.stringify({ error }))).toMatchObject({ error: { name, message, code: expect.any(String) as string, jobs } }); // prettier-ignore
  }
});

it('#30 output can be read once only: reads repeat', async () => {
  const { clock, operation } = startWith([{ kind: 'cancel-ignored' }]);
  await clock.advance(1_000);
  const report = await resolution(clock, operation.cancel());
  const images = report.response?.generatedImages;
  expect(images).toHaveLength(1);
  expect((await operation.cancel()).response?.generatedImages).toEqual(images);
  const done = startWith([]);
  const first = await resolution(done.clock, done.operation.result());
  for (let read = 0; read < 3; read++) expect(await done.operation.result()).toBe(first);
  expect(await done.operation.cancel()).toMatchObject({ response: first });
  const late = startWith([], { way: ways[2] });
  const seen: string[] = [];
  for (let listener = 0; listener < 2; listener++) {
    late.operation.on('image', ({ index }) => seen.push(`image ${index}`));
  }
  await late.clock.advance(1_000);
  void late.operation.cancel();
  await late.clock.advance(60_000);
  expect(seen).toEqual(['image 0', 'image 0']);
});
