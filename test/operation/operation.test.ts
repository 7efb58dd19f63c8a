import { describe, expect, it } from 'vitest';
import type { OperationEvent } from '../../src/index.js';
import { lighthouse, rejection, resolution, setup } from '../support/setup.js';

const names = ['submitted', 'state', 'progress', 'image', 'cancelling', 'warning', 'settled'] as const;

/** Node, Bun and Deno print an object by this method, with `util.inspect` as its last argument. */
type InspectMethod = (this: object, depth: number, options: object, inspect: (value: unknown) => string) => string;

describe('the handle', () => {
  it('is printed with its jobs, and without the prompt or the key', async () => {
    const { clock, images } = setup();
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 2 } }, { maxConcurrency: 1 });
    await resolution(clock, operation.submitted());
    const [{ name } = { name: '' }] = operation.jobs;
    const print = Reflect.get(operation, Symbol.for('nodejs.util.inspect.custom')) as InspectMethod;
    const jobs = [`${name}: queued`, 'no name yet: waiting'];
    const printed = print.call(operation, 2, {}, (value) => JSON.stringify(value));
    expect(printed).toBe(`Operation ${JSON.stringify({ id: operation.id, state: 'queued', jobs })}`);
    await resolution(clock, operation.cancel());
  });

  it('is returned at once and is not thenable', () => {
    const { images } = setup();
    const operation = images.start(lighthouse);
    expect(operation).not.toHaveProperty('then');
    expect(operation.state).toBe('submitting');
    expect(operation.cancelable).toBe(true);
  });

  it('goes through its states, and delivers each image as it is finished', async () => {
    const { clock, images } = setup({
      emulator: { faults: [{ kind: 'delay', route: 'create', ms: 1_000, when: 'before', skip: 1, times: 1 }] },
    });
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 2 } });
    const seen: unknown[] = [];
    operation.on('state', ({ from, to }) => seen.push([from, to]));
    operation.on('image', ({ index, image, at }) => seen.push([index, image.mimeType, at - startedAt]));
    operation.on('progress', ({ completed, total, elapsedMs }) => seen.push([completed, total, elapsedMs]));
    operation.on('settled', ({ state, response }) => seen.push([state, response?.generatedImages.length]));
    const startedAt = clock.now();
    await resolution(clock, operation.result());
    expect(seen).toEqual([
      ['submitting', 'running'],
      [0, 'image/jpeg', 4_100],
      [1, 2, 4_100],
      [1, 'image/jpeg', 5_100],
      [2, 2, 5_100],
      ['running', 'succeeded'],
      ['succeeded', 2],
    ]);
  });

  it('gives the same payloads to listeners and iterators, each with its time', async () => {
    const { clock, images } = setup();
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 2 } });
    const heard: OperationEvent[] = [];
    for (const name of names) operation.on(name, (payload) => heard.push({ type: name, ...payload } as OperationEvent));
    const iterated: OperationEvent[] = [];
    const loop = (async () => {
      for await (const event of operation.events()) iterated.push(event);
    })();
    await clock.advance(1_000);
    void operation.cancel('enough');
    await resolution(clock, loop);
    expect(iterated).toEqual(heard);
    expect(iterated.at(-1)?.type).toBe('settled');
    expect(iterated.filter(({ type }) => type === 'settled')).toHaveLength(1);
    expect(iterated.find(({ type }) => type === 'cancelling')).toMatchObject({ trigger: 'cancel', reason: 'enough' });
    for (const { at } of iterated) expect(at).toBeTypeOf('number');
  });

  it('iterates over nothing but the end once it has ended', async () => {
    const { clock, images } = setup();
    const operation = images.start(lighthouse);
    await resolution(clock, operation.result());
    const types: string[] = [];
    for await (const { type } of operation.events()) types.push(type);
    expect(types).toEqual(['settled']);
  });

  it('leaving a loop only unsubscribes', async () => {
    const { clock, emulator, images } = setup();
    const operation = images.start(lighthouse);
    const loop = (async () => {
      for await (const event of operation.events()) if (event.type === 'submitted') break;
    })();
    await resolution(clock, loop);
    await resolution(clock, operation.result());
    expect(emulator.meter.requestsTo('cancel')).toHaveLength(0);
  });

  it('an abort of the signal of events() ends the loop with its reason, and nothing else', async () => {
    const { clock, emulator, images } = setup();
    const operation = images.start(lighthouse);
    const controller = new AbortController();
    const loop = (async () => {
      for await (const { type } of operation.events({ signal: controller.signal })) expect(type).not.toBe('settled');
    })();
    loop.catch(() => undefined);
    await clock.advance(500);
    controller.abort('bored');
    await expect(loop).rejects.toBe('bored');
    await expect(operation.events({ signal: controller.signal }).next()).rejects.toBe('bored');
    await resolution(clock, operation.result());
    expect(emulator.meter.requestsTo('cancel')).toHaveLength(0);
  });

  it('result() is memoised, and its signal only stops the waiting of one caller', async () => {
    const { clock, emulator, images } = setup();
    const operation = images.start(lighthouse);
    const controller = new AbortController();
    const impatient = operation.result({ signal: controller.signal });
    impatient.catch(() => undefined);
    const patient = operation.result();
    await clock.advance(500);
    controller.abort('bored');
    await expect(impatient).rejects.toBe('bored');
    await expect(operation.result({ signal: AbortSignal.abort('already') })).rejects.toBe('already');
    const response = await resolution(clock, patient);
    expect(await operation.result()).toBe(response);
    expect(emulator.meter.requestsTo('create')).toHaveLength(1);
    expect(emulator.meter.requestsTo('cancel')).toHaveLength(0);
  });

  it('settles each waiter with the same error', async () => {
    const { clock, images } = setup();
    const operation = images.start(lighthouse);
    const [first, second] = [operation.result(), operation.result()];
    first.catch(() => undefined);
    second.catch(() => undefined);
    await clock.advance(500);
    void operation.cancel();
    expect(await rejection(clock, first)).toBe(await rejection(clock, second));
  });

  it('a refusal is an entry without an image, and resolves', async () => {
    const { clock, images } = setup({
      emulator: { faults: [{ kind: 'refuse', text: 'I cannot draw that.', times: 1 }] },
    });
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 2 } });
    const indices: number[] = [];
    operation.on('image', ({ index }) => indices.push(index));
    const { generatedImages } = await resolution(clock, operation.result());
    expect(generatedImages[0]).toEqual({ raiFilteredReason: 'I cannot draw that.' });
    expect(generatedImages[1]).toHaveProperty('image.imageBytes');
    expect(indices).toEqual([1]);
    expect(operation.state).toBe('succeeded');
  });

  it('submitted() rejects with the error of the operation, and with the reason of its signal', async () => {
    const { clock, images } = setup();
    const operation = images.start(lighthouse);
    void operation.cancel();
    expect(await rejection(clock, operation.submitted())).toBe(await rejection(clock, operation.result()));
    await expect(images.start(lighthouse).submitted({ signal: AbortSignal.abort('no') })).rejects.toBe('no');
  });

  it('toJSON() has what is needed to find the jobs again, and no prompt', async () => {
    const { clock, emulator, images } = setup();
    const operation = images.start({ ...lighthouse, config: { labels: { team: 'harbour' } } });
    await resolution(clock, operation.submitted());
    const json = JSON.stringify(operation);
    expect(JSON.parse(json)).toMatchObject({
      version: 1,
      backend: 'interactions',
      model: lighthouse.model,
      jobs: [{ index: 0, name: emulator.meter.jobs[0]?.name, backend: 'interactions' }],
    });
    expect(json).not.toContain(lighthouse.prompt);
    expect(json).not.toContain('a-key');
  });

  it('once() hears one event, off() none, and what on() returns takes the listener off', async () => {
    const { clock, images } = setup();
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 2 } });
    const heard: string[] = [];
    const never = (): unknown => heard.push('never');
    operation.once('image', () => heard.push('once'));
    operation.on('image', never);
    operation.off('image', never);
    operation.on('image', never)();
    await resolution(clock, operation.result());
    expect(heard).toEqual(['once']);
  });

  it('once() returns how to hear none at all', async () => {
    const { clock, images } = setup();
    const operation = images.start(lighthouse);
    const heard: string[] = [];
    operation.once('image', () => heard.push('never'))();
    await resolution(clock, operation.result());
    expect(heard).toEqual([]);
  });

  it('says at its end why there is nothing, and has a report only of a stop', async () => {
    const { clock, images } = setup({ emulator: { faults: [{ kind: 'fail', times: 1 }] } });
    const ends: object[] = [];
    const failed = images.start(lighthouse);
    failed.on('settled', (end) => ends.push(end));
    const failure = await rejection(clock, failed.result());
    const cancelled = images.start(lighthouse);
    const states: string[] = [];
    cancelled.on('settled', (end) => ends.push(end));
    cancelled.on('state', ({ to }) => states.push(to));
    await clock.advance(1_000);
    const report = cancelled.cancel();
    expect(cancelled.state).toBe('cancelling');
    const error = await rejection(clock, cancelled.result());
    const made = images.start(lighthouse);
    made.on('settled', (end) => ends.push(end));
    const response = await resolution(clock, made.result());
    expect(ends).toStrictEqual([
      { at: expect.any(Number) as number, state: 'failed', error: failure, usage: failed.usage },
      { at: expect.any(Number) as number, state: 'cancelled', error, report: await report },
      { at: expect.any(Number) as number, state: 'succeeded', response, usage: made.usage },
    ]);
    expect((ends[0] as { error: unknown }).error).toBe(failure);
    expect(states).toEqual(['queued', 'running', 'cancelling', 'cancelled']);
  });

  it('can be cancelled only if all of its jobs can', async () => {
    const { clock, images } = setup({
      emulator: { faults: [{ kind: 'background-refused', route: 'create', times: 1 }] },
    });
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 2 } });
    operation.on('warning', () => undefined);
    await resolution(clock, operation.submitted());
    expect(operation.jobs.map(({ backend }) => backend)).toEqual(['models', 'interactions']);
    expect(operation.cancelable).toBe(false);
    await resolution(clock, operation.result());
  });

  it('is being cancelled until all of its jobs have ended', async () => {
    const { clock, images } = setup({
      emulator: {
        faults: [
          { kind: 'cancel-lag', route: 'cancel', ms: 1_000, job: 1 },
          { kind: 'silent', route: 'stream' },
        ],
      },
    });
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 2 } });
    await clock.advance(1_000);
    const states: string[] = [];
    operation.on('state', ({ to }) => states.push(to));
    await resolution(clock, operation.cancel());
    expect(states).toEqual(['cancelling', 'cancelled']);
  });

  it('has no tag unless it was given one', () => {
    const { images } = setup();
    expect(images.start(lighthouse).toJSON()).not.toHaveProperty('tag');
    expect(images.start(lighthouse, { tag: 'order 7' }).toJSON()).toHaveProperty('tag', 'order 7');
  });

  it('has no event named error: a failure without listeners crashes nothing', async () => {
    const { clock, images } = setup({ emulator: { faults: [{ kind: 'fail' }] } });
    const operation = images.start(lighthouse);
    expect(await rejection(clock, operation.result())).toMatchObject({ code: 'FAILED' });
  });

  it('checks the options of its methods', () => {
    const { images } = setup();
    const operation = images.start(lighthouse);
    expect(() => operation.result({ signal: 'x' as never })).toThrow('Expected `signal` to be an AbortSignal');
    expect(() => operation.events({ timeout: 1 } as never)).toThrow('Expected `options` to have no `timeout`.');
  });
});
