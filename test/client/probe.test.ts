import { describe, expect, it } from 'vitest';
import type { CancelableOptions, OperationCancelledError, ProbeAnswer, ProbeReport } from '../../src/index.js';
import type { EmulatorOptions, Fault } from '../../src/testing/index.js';
import { rejection, resolution, setup } from '../support/setup.js';

const model = 'gemini-3.1-flash-image';

async function probe(emulator: EmulatorOptions = {}, client: CancelableOptions = {}, streamed = false) {
  const made = setup({ emulator: { queueMs: 0, ...emulator }, client });
  const answers: ProbeAnswer[] = [];
  const report = await resolution(
    made.clock,
    made.images.probe(model, { onProgress: (answer) => answers.push(answer), streamed }),
  );
  return { ...made, report, answers };
}

const withFaults = (...faults: Fault[]): EmulatorOptions => ({ faults });

const SETTLED_BY_A_CANCEL = [
  'background',
  'read-while-running',
  'stream-while-running',
  'cancel-while-running',
  'cancel-again',
  'final-status',
  'usage-after-cancel',
];

describe('the three worlds', () => {
  it('A: the cancel is confirmed', async () => {
    const { emulator, images, report, answers } = await probe();
    expect(report).toStrictEqual({
      type: 'probe',
      model,
      host: 'generativelanguage.googleapis.com',
      world: 'A',
      background: 'accepted',
      create: { httpStatus: 200 },
      reads: [
        { httpStatus: 200, status: 'in_progress' },
        { httpStatus: 200, status: 'cancelled' },
      ],
      stream: { httpStatus: 200, events: 3 },
      cancel: { httpStatus: 200 },
      secondCancel: { httpStatus: 400 },
      end: { status: 'cancelled', confirmed: true },
      settles: SETTLED_BY_A_CANCEL,
      leftovers: [],
    });
    expect(answers.map(({ call }) => call).sort()).toEqual(['cancel', 'cancel', 'create', 'read', 'read', 'stream']);
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
    expect(emulator.meter.requestsTo('create').map(({ body }) => body)).toMatchObject([
      { background: true, response_format: { type: 'image', image_size: '512' } },
    ]);
    expect(images.capabilities(model)).toMatchObject({ cancelable: 'yes', known: 'observed' });
  });

  it.each([
    ['forbidden', 403, 200],
    ['not-found', 404, 404],
  ] as const)('B: reads and cancels are %s while the job runs', async (access, httpStatus, streamStatus) => {
    const { emulator, images, report } = await probe({ whileRunning: { reads: access, cancels: access } });
    expect(report).toMatchObject({
      world: 'B',
      background: 'accepted',
      stream: { httpStatus: streamStatus },
      cancel: { httpStatus },
      secondCancel: { httpStatus },
      end: { status: 'completed', confirmed: true },
      leftovers: [],
    });
    expect(report.reads[0]).toEqual({ httpStatus });
    expect(report.settles).toEqual(SETTLED_BY_A_CANCEL.filter((question) => question !== 'usage-after-cancel'));
    expect(images.capabilities(model)).toMatchObject({ cancelable: 'no', known: 'observed' });
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'completed' }]);
  });

  it('B: cancels are refused and reads are not', async () => {
    const { images, report } = await probe({ whileRunning: { cancels: 'forbidden' } });
    expect(report).toMatchObject({ world: 'B', cancel: { httpStatus: 403 }, end: { status: 'completed' } });
    expect(report.reads[0]).toEqual({ httpStatus: 200, status: 'in_progress' });
    expect(images.capabilities(model)).toMatchObject({ cancelable: 'no' });
  });

  it.each([400, 404, 405, 501] as const)('C: the background is refused by a %s', async (status) => {
    const { emulator, images, report } = await probe({ background: { status } });
    expect(report).toStrictEqual({
      type: 'probe',
      model,
      host: 'generativelanguage.googleapis.com',
      world: 'C',
      background: 'refused',
      create: { httpStatus: status, code: expect.any(String) as string },
      reads: [],
      stream: { httpStatus: null, events: 0 },
      cancel: null,
      secondCancel: null,
      end: { status: 'not-started', confirmed: true },
      settles: ['background'],
      leftovers: [],
    });
    expect(emulator.meter.jobs).toEqual([]);
    expect(emulator.meter.requests).toHaveLength(1);
    expect(images.capabilities(model)).toMatchObject({ cancelable: 'no', known: 'observed' });
  });
});

describe('each question is answered the other way', () => {
  const flipped: readonly [string, EmulatorOptions, Partial<ProbeReport>][] = [
    ['background', { background: 'refused' }, { background: 'refused' }],
    ['read-while-running', { whileRunning: { reads: 'forbidden' } }, { world: 'B' }],
    [
      'stream-while-running',
      withFaults({ kind: 'status', status: 403, route: 'stream' }),
      { stream: { httpStatus: 403, events: 0 } },
    ],
    ['cancel-while-running', { whileRunning: { cancels: 'not-found' } }, { cancel: { httpStatus: 404 } }],
    ['cancel-again', { cancelAfterEnd: 200 }, { secondCancel: { httpStatus: 200 } }],
    ['final-status', { whileRunning: { cancels: 'forbidden' } }, { end: { status: 'completed', confirmed: true } }],
    ['usage-after-cancel', { usageWhenCancelled: true }, { usage: expect.objectContaining({}) as object }],
  ];

  it.each(flipped)('%s', async (question, emulator, report) => {
    const probed = await probe(emulator);
    expect(probed.report).toMatchObject(report);
    expect(probed.report.settles).toContain(question);
  });
});

describe('with one more image, which is streamed', () => {
  const NAMELESS = `event: message\ndata: ${JSON.stringify({ event_type: 'interaction.created', interaction: { status: 'in_progress' } })}\n\n`;
  const nameless = {
    kind: 'garbage',
    route: 'create',
    skip: 1,
    body: NAMELESS,
    contentType: 'text/event-stream',
  } as const;

  it('the first event has its name, and it can be fetched after hanging up', async () => {
    const { emulator, report } = await probe({}, {}, true);
    expect(report.streamed).toEqual({ httpStatus: 200, hasId: true, read: { httpStatus: 200, status: 'completed' } });
    expect(report).toMatchObject({ world: 'A', leftovers: [] });
    expect(report.settles).toEqual([...SETTLED_BY_A_CANCEL, 'id-in-first-event', 'fetch-after-hangup']);
    expect(emulator.meter.jobs).toMatchObject([
      { kind: 'background', endReason: 'cancelled' },
      { kind: 'synchronous', endReason: 'completed' },
    ]);
    expect(emulator.meter.jobs[1]?.clientGoneAt).toBeDefined();
    expect(emulator.meter.requestsTo('create')).toHaveLength(2);
  });

  it('the first event has no name: the image is named as what may still be made', async () => {
    const { report } = await probe(withFaults(nameless), {}, true);
    expect(report.streamed).toEqual({ httpStatus: 200, hasId: false, read: null });
    expect(report.settles).toEqual([...SETTLED_BY_A_CANCEL, 'id-in-first-event']);
    expect(report.leftovers).toEqual([{ howToCancel: expect.stringContaining('cannot be cancelled') as string }]);
  });

  it('the first event has a name that cannot be one: it is not put into a path', async () => {
    const body = nameless.body.replace('"status"', '"id":"../../models","status"');
    const { emulator, report } = await probe(withFaults({ ...nameless, body }), {}, true);
    expect(report.streamed).toMatchObject({ hasId: false, read: null });
    expect(emulator.meter.requests.every(({ path }) => !path.includes('models'))).toBe(true);
  });

  it('it cannot be fetched after hanging up: it is named', async () => {
    const fault: Fault = { kind: 'status', status: 404, route: 'get', skip: 2 };
    const { emulator, report } = await probe(withFaults(fault), {}, true);
    expect(report.streamed).toEqual({ httpStatus: 200, hasId: true, read: { httpStatus: 404 } });
    expect(report.settles).toEqual([...SETTLED_BY_A_CANCEL, 'id-in-first-event', 'fetch-after-hangup']);
    expect(report.leftovers).toMatchObject([{ name: emulator.meter.jobs[1]?.name }]);
  });

  it.each<[string, EmulatorOptions]>([
    ['has no name', withFaults({ kind: 'reset', route: 'create', when: 'after', times: 1 })],
    ['runs on', { workMs: 600_000, whileRunning: { reads: 'forbidden', cancels: 'forbidden' } }],
  ])('is not made while the first job %s: its leftover would be lost in an error', async (_, options) => {
    const { emulator, report } = await probe(options, {}, true);
    expect(report.leftovers).toHaveLength(1);
    expect(report.leftovers[0]?.name).toBe(report.background === 'accepted' ? emulator.meter.jobs[0]?.name : undefined);
    expect(report).not.toHaveProperty('streamed');
    expect(emulator.meter.requestsTo('create')).toHaveLength(1);
  });

  it('where the background is refused, too', async () => {
    const { report } = await probe({ background: 'refused' }, {}, true);
    expect(report).toMatchObject({ world: 'C', streamed: { hasId: true, read: { status: 'completed' } } });
    expect(report.settles).toEqual(['background', 'id-in-first-event', 'fetch-after-hangup']);
  });

  it.each([400, 429, 503])(
    'a refusal of the stream by a %d settles nothing more, and is not sent again',
    async (status) => {
      const { emulator, report } = await probe(
        withFaults({ kind: 'status', status, route: 'create', skip: 1 }),
        {},
        true,
      );
      expect(report.streamed).toEqual({ httpStatus: status, hasId: false, read: null });
      expect(report.settles).toEqual(SETTLED_BY_A_CANCEL);
      expect(report.leftovers).toEqual([]);
      expect(emulator.meter.requestsTo('create')).toHaveLength(2);
    },
  );

  it('an abort while it runs rejects, and the error counts it', async () => {
    const { clock, emulator, images } = setup({ emulator: { queueMs: 0, workMs: 20_000 } });
    const controller = new AbortController();
    const probing = images.probe(model, { signal: controller.signal, streamed: true });
    probing.catch(() => undefined);
    await clock.advance(5_000);
    expect(emulator.meter.running()).toMatchObject([{ kind: 'synchronous' }]);
    controller.abort('enough');
    expect(await rejection(clock, probing)).toMatchObject({ code: 'ABORT_ERR', report: { counts: { running: 1 } } });
  });
});

describe('what settles nothing', () => {
  it.each([
    [{ kind: 'status', status: 401, route: 'create' }, 401, true],
    [{ kind: 'status', status: 404, code: 'model_not_found', route: 'create' }, 404, true],
    [{ kind: 'status', status: 429, route: 'create' }, 429, true],
    [{ kind: 'status', status: 503, route: 'create' }, 503, true],
    [{ kind: 'page', status: 502, route: 'create', when: 'after' }, 502, false],
    [{ kind: 'reset', route: 'create', when: 'after' }, null, false],
    [{ kind: 'hang', route: 'create', when: 'after' }, null, false],
  ] as readonly [Fault, number | null, boolean][])('%j to the create', async (fault, httpStatus, confirmed) => {
    const { emulator, images, report } = await probe(withFaults(fault));
    expect(report).toMatchObject({
      world: 'unknown',
      background: 'unknown',
      create: { httpStatus },
      cancel: null,
      end: { status: confirmed ? 'not-started' : 'unknown', confirmed },
      settles: [],
    });
    expect(report.leftovers).toHaveLength(confirmed ? 0 : 1);
    expect(emulator.meter.requestsTo('create')).toHaveLength(1);
    expect(images.capabilities(model)).toMatchObject({ cancelable: 'unknown' });
  });

  it('a job that has ended before it could be cancelled', async () => {
    const { emulator, report } = await probe({ workMs: 50, faults: [{ kind: 'delay', route: 'create', ms: 100 }] });
    expect(report).toMatchObject({ world: 'unknown', cancel: null, end: { status: 'completed', confirmed: true } });
    expect(report.settles).not.toContain('cancel-while-running');
    expect(emulator.meter.requestsTo('cancel')).toEqual([]);
  });

  it('a cancel that is taken, and has no effect', async () => {
    const { images, report } = await probe(withFaults({ kind: 'cancel-ignored' }));
    expect(report).toMatchObject({ world: 'unknown', cancel: { httpStatus: 200 }, end: { status: 'completed' } });
    expect(report.settles).toContain('cancel-while-running');
    expect(images.capabilities(model)).toMatchObject({ cancelable: 'unknown' });
  });
});

describe('odd answers', () => {
  it('a 499 to the cancel, and a cancel without an answer', async () => {
    const { report } = await probe(withFaults({ kind: 'cancel-499' }));
    expect(report).toMatchObject({ world: 'A', cancel: { httpStatus: 499 } });
    const lost = await probe({ workMs: 20_000, faults: [{ kind: 'hang', route: 'cancel', times: 2 }] });
    expect(lost.report).toMatchObject({ cancel: { httpStatus: null }, secondCancel: { httpStatus: null }, world: 'A' });
  });

  it('a job that never ends is named', async () => {
    const { emulator, report } = await probe({ workMs: 10_000_000, whileRunning: { cancels: 'forbidden' } });
    const name = emulator.meter.jobs[0]?.name;
    expect(report).toMatchObject({
      world: 'B',
      end: { status: 'in_progress', confirmed: false },
      leftovers: [{ name, howToCancel: expect.stringContaining(`cancel ${name}`) as string }],
    });
  });

  it('a callback that throws changes nothing', async () => {
    const { clock, images } = setup();
    const onProgress = (): never => {
      throw new Error('mine');
    };
    expect(await resolution(clock, images.probe(model, { onProgress }))).toMatchObject({ world: 'A' });
  });
});

describe('bad input', () => {
  it('is refused before anything is sent', async () => {
    const { clock, emulator, images } = setup();
    const refused = (...args: unknown[]) => rejection(clock, images.probe(...(args as [string])));
    expect(await refused(' ')).toBeInstanceOf(TypeError);
    expect(await refused(model, { sginal: 1 })).toBeInstanceOf(TypeError);
    expect(await refused(model, { signal: 1 })).toBeInstanceOf(TypeError);
    expect(await refused(model, { streamed: 1 })).toBeInstanceOf(TypeError);
    expect(await refused('imagen-4.0-generate-001')).toMatchObject({ code: 'MODEL_RETIRED' });
    expect(await refused(model, { signal: AbortSignal.abort('no') })).toBe('no');
    await images.close();
    expect(await refused(model)).toMatchObject({ code: 'CLIENT_CLOSED' });
    expect(emulator.meter.requests).toEqual([]);
  });

  it('a request that cannot be sent rejects', async () => {
    const { clock, images } = setup({ emulator: withFaults({ kind: 'reset', route: 'create' }) });
    expect(await resolution(clock, images.probe(model))).toMatchObject({ background: 'unknown' });
  });
});

describe('an abort', () => {
  /** Aborts at a moment of virtual time, and returns how the probe ended. */
  async function abortedAt(ms: number, emulator: EmulatorOptions = {}) {
    const made = setup({ emulator: { queueMs: 0, workMs: 20_000, ...emulator } });
    const controller = new AbortController();
    const probing = made.images.probe(model, { signal: controller.signal });
    probing.catch(() => undefined);
    await made.clock.advance(ms);
    controller.abort('enough');
    const [result] = await Promise.allSettled([resolution(made.clock, probing)]);
    return { ...made, result };
  }

  const slow: Fault[] = (['create', 'get', 'stream', 'cancel'] as const).map((route) => ({
    kind: 'delay',
    route,
    ms: 300,
  }));

  it.each(Array.from({ length: 40 }, (_, index) => index * 50))('after %d ms leaves no job running', async (ms) => {
    const { emulator, result } = await abortedAt(ms, { faults: slow });
    if (result.status === 'rejected') expect(result.reason).toBe('enough');
    else expect(result.value).toMatchObject({ world: 'A' });
    expect(emulator.meter.running()).toEqual([]);
  });

  it('leaves no job running that it does not name, at 200 moments in a world that refuses its cancels at times', async () => {
    for (let moment = 0; moment < 200; moment++) {
      const skip = moment % 4;
      const faults: Fault[] = [
        ...slow,
        { kind: 'status', status: 403, route: 'cancel', skip, times: 3 + (moment % 30) },
      ];
      const { emulator, result } = await abortedAt((moment * 97) % 6_000, { faults });
      const error: unknown = result.status === 'rejected' ? result.reason : undefined;
      const running = emulator.meter.running().map(({ name }) => name);
      const leftovers =
        result.status === 'fulfilled'
          ? result.value.leftovers
          : ((error as Partial<OperationCancelledError>).report?.leftovers ?? []);
      const names = leftovers.map(({ name }) => name);
      expect(running.filter((name) => !names.includes(name))).toEqual([]);
      if (error === 'enough') expect(running).toEqual([]);
    }
  }, 240_000);

  it('where the end is not confirmed, the error names the job', async () => {
    const { emulator, result } = await abortedAt(1_000, { workMs: 100_000, whileRunning: { cancels: 'forbidden' } });
    expect(result).toMatchObject({
      reason: { name: 'AbortError', cause: 'enough', report: { leftovers: [{ name: emulator.meter.jobs[0]?.name }] } },
    });
  });
});

it('close() cancels the job, and the probe rejects', async () => {
  const { clock, emulator, images } = setup({
    emulator: { workMs: 20_000, faults: [{ kind: 'delay', route: 'get', ms: 900 }] },
  });
  const probing = images.probe(model);
  probing.catch(() => undefined);
  await clock.advance(100);
  void images.close();
  expect(await rejection(clock, probing)).toMatchObject({ code: 'ABORT_ERR', report: { trigger: 'dispose' } });
  expect(emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
});

it('tells no key and no prompt', async () => {
  const { report, answers, ai } = await probe({
    apiKey: 'a-key',
    faults: [{ kind: 'status', status: 400, route: 'create', code: 'a-key', message: 'a-key A plain grey square.' }],
  });
  const told = JSON.stringify([report, answers]);
  expect(told).not.toContain((ai as unknown as { apiKey: string }).apiKey);
  expect(told).not.toContain('grey');
});
