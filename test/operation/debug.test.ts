import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Fault } from '../../src/testing/index.js';
import { lighthouse, rejection, resolution, settle, setup } from '../support/setup.js';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A logger that keeps what it is told. */
function createLogger() {
  const warnings: string[] = [];
  const lines: string[] = [];
  const logger = { warn: (message: string) => warnings.push(message), debug: (message: string) => lines.push(message) };
  return { warnings, lines, logger };
}

/** The lines without the operation and the time, and with numbers in place of the names of jobs. */
function factsOf(lines: readonly string[]): string[] {
  const names: string[] = [];
  return lines.map((line) =>
    line.replace(/^.*? ms: /u, '').replaceAll(/(?:interactions|batches)\/[^ :]+/gu, (name) => {
      if (!names.includes(name)) names.push(name);
      return `NAME ${names.indexOf(name) + 1}`;
    }),
  );
}

describe('the option `logger`', () => {
  it('gets the warnings that have no listener, and the console gets none', async () => {
    const onConsole = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const { warnings, logger } = createLogger();
    const { images, clock } = setup({ client: { logger }, emulator: { background: 'refused' } });
    await resolution(clock, images.generateImages(lighthouse));
    expect(warnings).toEqual([expect.stringContaining('cannot be cancelled on the server')]);
    expect(onConsole).not.toHaveBeenCalled();
  });

  it('needs no debug()', async () => {
    const { images, clock } = setup({ client: { logger: { warn: () => undefined } } });
    await expect(resolution(clock, images.generateImages(lighthouse))).resolves.toHaveProperty('generatedImages');
  });

  it('tells each call, response, state and decision in order, with the operation and the time', async () => {
    const { lines, logger } = createLogger();
    const { images, clock } = setup({ client: { logger } });
    const operation = images.start(lighthouse);
    await clock.advance(500);
    const report = await resolution(clock, operation.cancel());
    const { name } = report.jobs[0] ?? {};
    const told = lines.map((line) => {
      expect(line).toMatch(new RegExp(`^${operation.id} \\+\\d+ ms: `, 'u'));
      return line.replace(/^.*? ms: /u, '').replaceAll(String(name), 'NAME');
    });
    expect(told).toEqual([
      'image 0 (interactions): admitted',
      'image 0 (interactions): create sent',
      'NAME (interactions): named',
      'NAME (interactions): status queued',
      'state submitting → queued',
      'NAME: opens a stream',
      'NAME (interactions): status queued',
      'NAME (interactions): status in_progress',
      'state queued → running',
      'NAME (interactions): cancel sent',
      'cancel by cancel',
      'state running → cancelling',
      'NAME (interactions): status cancelled',
      'state cancelling → cancelled',
      'NAME (interactions): cancel acknowledged',
    ]);
  });

  it('gets no secret and no prompt, whatever fails', async () => {
    const { lines, warnings, logger } = createLogger();
    const faults = [
      { kind: 'status', route: 'get', status: 403 },
      { kind: 'status', route: 'cancel', status: 404 },
    ] as const;
    const { images, clock } = setup({ client: { logger }, emulator: { faults } });
    const operation = images.start({ ...lighthouse, prompt: 'the prompt is secret' });
    await clock.advance(500);
    await resolution(clock, operation.cancel(new Error('the reason is private')));
    expect(lines.length).toBeGreaterThan(10);
    expect([...lines, ...warnings].join('\n')).not.toMatch(/secret|a-key|private|iVBOR/u);
  });

  const CREATE_PATHS: [
    backend: 'interactions' | 'batches' | 'models',
    route: 'create' | 'batch-create' | 'generateContent',
  ][] = [
    ['interactions', 'create'],
    ['batches', 'batch-create'],
    ['models', 'generateContent'],
  ];
  it.each(CREATE_PATHS)('tells why each try of a create failed (%s)', async (backend, route) => {
    const { lines, logger } = createLogger();
    const message = 'Busy with `the prompt is secret`, Bearer abc.123.';
    const faults: Fault[] = [
      { kind: 'status', route, status: 429, message: 'Too many.', times: 1 },
      { kind: 'status', route, status: 503, message, times: 1 },
      { kind: 'status', route, status: 403, message: 'Not for you.' },
    ];
    const { images, clock, emulator } = setup({ client: { logger }, emulator: { faults } });
    await rejection(clock, images.generateImages({ ...lighthouse, prompt: 'the prompt is secret' }, { backend }));
    expect(factsOf(lines).filter((line) => line.includes('create'))).toEqual([
      `image 0 (${backend}): create sent`,
      `image 0 (${backend}): create failed: Too many.`,
      `image 0 (${backend}): create failed: Busy with \`[prompt]\`, [secret]`,
      `image 0 (${backend}): create failed: Not for you.`,
    ]);
    expect(emulator.meter.requests).toHaveLength(3);
  });

  it('tells of a create that was given up, and of its answer when that comes late', async () => {
    const { lines, logger } = createLogger();
    const faults: Fault[] = [
      { kind: 'delay', route: 'create', ms: 30_000, when: 'before' },
      { kind: 'status', route: 'create', status: 403, message: 'Not for you.' },
    ];
    const { images, clock } = setup({ client: { logger, limits: { submitMs: 10_000 } }, emulator: { faults } });
    await rejection(clock, images.generateImages(lighthouse, { backend: 'interactions' }));
    await clock.advance(60_000);
    expect(factsOf(lines).filter((line) => line.includes('failed'))).toEqual([
      'image 0 (interactions): create failed: no answer within 10000 ms',
      'image 0 (interactions): create failed late: Not for you.',
    ]);
  });

  it('tells what becomes of a job whose name comes after the report', async () => {
    const { lines, logger } = createLogger();
    const faults: Fault[] = [{ kind: 'delay', route: 'create', ms: 30_000 }];
    const { images, clock, emulator } = setup({ client: { logger }, emulator: { faults, workMs: 600_000 } });
    const operation = images.start(lighthouse);
    await clock.advance(100);
    await resolution(clock, operation.cancel());
    const before = lines.length;
    await clock.advance(30_000);
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
    // The answers come in any order. What the stream and a read tell beside them depends on which comes first.
    const isBeside = (line: string): boolean =>
      /: (?:opens a stream|reads the status)$|: status (?!cancelled)/.test(line);
    const facts = factsOf(lines.slice(before)).filter((line) => !isBeside(line));
    expect(facts.slice(0, 2)).toEqual(['NAME 1 (interactions): named', 'NAME 1 (interactions): cancel sent']);
    expect(facts.slice(2).sort()).toEqual([
      'NAME 1 (interactions): cancel acknowledged',
      'NAME 1 (interactions): status cancelled',
      'warning late-job-cancelled: The name NAME 1 came after its operation had stopped waiting for it, and the job was asked to cancel. Its status is cancelled.',
    ]);
  });

  it('tells what becomes of a job that `cancel()` looks into after its end was unknown', async () => {
    const { lines, logger } = createLogger();
    const faults: Fault[] = [
      { kind: 'status', route: 'get', status: 403 },
      { kind: 'status', route: 'stream', status: 403 },
    ];
    const limits = { watchMs: 10_000 };
    const { images, clock, emulator } = setup({ client: { logger, limits }, emulator: { faults, workMs: 600_000 } });
    const operation = images.start(lighthouse);
    await settle(clock, operation.result());
    expect(operation.state).toBe('abandoned');
    const before = lines.length;
    await resolution(clock, operation.cancel());
    expect(emulator.meter.requestsTo('cancel').length).toBeGreaterThan(0);
    const told = factsOf(lines.slice(before));
    expect(told).toContain('NAME 1 (interactions): cancel sent');
    expect(told).toContain('NAME 1 (interactions): cancel acknowledged');
  });

  it('tells each failed try of a cancel, and each look for a lost job that failed', async () => {
    const { lines, logger } = createLogger();
    const faults: Fault[] = [
      { kind: 'reset', route: 'batch-create', when: 'after' },
      { kind: 'status', route: 'batch-list', status: 500, message: 'No list.', times: 1 },
      { kind: 'status', route: 'batch-cancel', status: 503, message: 'Not today.', times: 2 },
    ];
    const { images, clock } = setup({ client: { logger }, emulator: { faults, workMs: 600_000 } });
    const operation = images.start(lighthouse, { backend: 'batches' });
    await clock.advance(5_000);
    await resolution(clock, operation.cancel());
    const told = factsOf(lines).map((line) => line.replace(/^genai-cancel-\w+/u, 'DISPLAY NAME'));
    expect(told.filter((line) => line.includes('look failed'))).toEqual(['DISPLAY NAME: look failed: No list.']);
    expect(told.filter((line) => line.includes('cancel failed'))).toEqual([
      'NAME 1: cancel failed: Not today.',
      'NAME 1: cancel failed: Not today.',
    ]);
  });

  it.each([
    ['throws', { warn: () => { throw new Error('Full.'); }, debug: () => { throw new Error('Full.'); } }], // prettier-ignore
    ['uses `this`', new (class { lines = 0; warn() { this.lines++; } debug() { this.lines++; } })()], // prettier-ignore
  ])('may be one that %s', async (_, logger) => {
    const { images, clock } = setup({ client: { logger }, emulator: { background: 'refused' } });
    await expect(resolution(clock, images.generateImages(lighthouse))).resolves.toHaveProperty('generatedImages');
  });

  it.each([null, 'console', {}, { warn: true }, { warn: () => undefined, debug: 1 }])('is not %o', async (logger) => {
    const { images, clock, routes } = setup();
    const start = images.generateImages(lighthouse, { logger: logger as never });
    expect(await rejection(clock, start)).toMatchObject({ message: expect.stringContaining('`logger`') as string });
    expect(routes()).toEqual([]);
  });
});
