import { describe, expect, it, vi } from 'vitest';
import { createCancelable } from '../../src/client/cancelable.js';
import { plainPlatform, type Platform, type ExitParticipant } from '../../src/operation/platform.js';
import { memoryJournal } from '../../src/journal/memory.js';
import { createDeferred } from '../../src/util/deferred.js';
import { createHoldingClock } from '../support/holding-clock.js';
import { lighthouse, rejection, resolution, setup, type Setup } from '../support/setup.js';

function setupWith(host: Partial<Platform>): Setup {
  const all = setup();
  return { ...all, images: createCancelable({ ...plainPlatform, ...host })(all.ai, { clock: all.clock }) };
}

describe('a host', () => {
  it('that admits nothing keeps what is started pending, and it can be stopped there', async () => {
    const { clock, emulator, images } = setupWith({ admission: () => new Promise(() => undefined) });
    const operation = images.start(lighthouse);
    await clock.advance(60_000);
    expect(operation.state).toBe('submitting');
    expect(await resolution(clock, operation.cancel())).toMatchObject({ outcome: 'not-started' });
    expect(emulator.meter.requests).toEqual([]);
  });

  it('that admits nothing does not make a job of one that had never been started', async () => {
    const { clock, images } = setupWith({ admission: () => new Promise(() => undefined) });
    const snapshot = images.start(lighthouse, { cancelSignal: AbortSignal.abort() }).toJSON();
    const jobs = [{ index: 0, backend: 'interactions', state: 'not-started' }] as const;
    const operation = images.attach({ ...snapshot, jobs });
    expect(operation.jobs[0]?.state).toBe('waiting');
    expect(await resolution(clock, operation.cancel())).toMatchObject({ outcome: 'not-started', leftovers: [] });
  });

  it('that admits nothing lets the end of an existing job be confirmed', async () => {
    const { clock, ai, emulator, images } = setup();
    const started = images.start(lighthouse);
    await resolution(clock, started.submitted());
    const create = createCancelable({ ...plainPlatform, admission: () => new Promise(() => undefined) });
    const operation = create(ai, { clock }).attach(started.toJSON());
    expect(await resolution(clock, operation.cancel())).toMatchObject({ outcome: 'cancelled' });
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
  });

  it('that admits again lets what was pending start', async () => {
    const gate = createDeferred<undefined>();
    const { clock, emulator, images } = setupWith({ admission: () => gate.promise });
    const result = images.generateImages(lighthouse);
    await clock.advance(1_000);
    expect(emulator.meter.requests).toEqual([]);
    gate.resolve(undefined);
    expect(await resolution(clock, result)).toHaveProperty('generatedImages.0.image');
  });

  it('decides when callers hear of the end; listeners hear at once', async () => {
    const gate = createDeferred<undefined>();
    const release = vi.fn();
    const { clock, images } = setupWith({ register: () => ({ gate: () => gate.promise, release }) });
    const operation = images.start(lighthouse);
    const heard: string[] = [];
    operation.on('settled', () => heard.push('listener'));
    const result = operation.result().catch(() => heard.push('result'));
    await clock.advance(1_000);
    const report = operation.cancel().then(() => heard.push('report'));
    await clock.advance(60_000);
    expect(heard).toEqual(['listener']);
    gate.resolve(undefined);
    await Promise.all([result, report]);
    expect(heard.sort()).toEqual(['listener', 'report', 'result']);
    await clock.advance(0);
    expect(release).toHaveBeenCalledOnce();
  });

  it('is told of no job that waits for its place on the server', async () => {
    let hosted: ExitParticipant | undefined;
    const register = (operation: ExitParticipant): ReturnType<Platform['register']> => {
      hosted = operation;
      return plainPlatform.register(operation);
    };
    const { clock, emulator, images } = setupWith({ register });
    const options = { backend: 'models', maxConcurrency: 1 } as const;
    images.start({ ...lighthouse, config: { numberOfImages: 3 } }, options);
    await clock.advance(1_000);
    expect(emulator.meter.requests).toHaveLength(1);
    expect(hosted?.leftovers()).toHaveLength(1);
  });

  it('gets the cancel calls that no server has acknowledged, ready to be sent, and stops it in one turn', async () => {
    let hosted: ExitParticipant | undefined;
    const { clock, emulator, images } = setupWith({
      cancelsOnExit: true,
      register: (operation) => {
        hosted = operation;
        return plainPlatform.register(operation);
      },
    });
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 2 } });
    expect(hosted?.pendingCancels()).toEqual([]);
    await resolution(clock, operation.submitted());
    expect(hosted?.pendingCancels().map(({ name }) => name)).toEqual(operation.jobs.map(({ name }) => name));
    expect(hosted?.leftovers().map(({ name }) => name)).toEqual(operation.jobs.map(({ name }) => name));
    void hosted?.shutDown('SIGTERM', false);
    const error = await rejection(clock, operation.result());
    expect(error).toMatchObject({ report: { trigger: 'SIGTERM', outcome: 'cancelled' } });
    expect(hosted?.pendingCancels()).toEqual([]);
    expect(hosted?.leftovers()).toEqual([]);
    expect(emulator.meter.requestsTo('cancel')).toHaveLength(2);
  });

  it('waits for an `onImage` of an operation that it stops, and not once that is detached', async () => {
    let hosted: ExitParticipant | undefined;
    const { clock, images } = setupWith({
      register: (operation) => {
        hosted = operation;
        return plainPlatform.register(operation);
      },
    });
    const operation = images.start(lighthouse, { onImage: () => new Promise(() => undefined) });
    await clock.advance(30_000);
    void hosted?.shutDown('SIGTERM', true);
    await clock.advance(100);
    const waiting = hosted?.handingOver();
    expect(waiting).toBeInstanceOf(Promise);
    operation.detach();
    const detachedAt = clock.now();
    await resolution(clock, waiting ?? Promise.reject(new Error('It does not wait.')));
    expect(clock.now()).toBe(detachedAt);
    expect(hosted?.handingOver()).toBeUndefined();
  });

  it('gets those of a batch at their own address', async () => {
    let hosted: ExitParticipant | undefined;
    const { clock, emulator, images } = setupWith({
      cancelsOnExit: true,
      register: (operation) => {
        hosted = operation;
        return plainPlatform.register(operation);
      },
    });
    const operation = images.start(lighthouse, { backend: 'batches' });
    await resolution(clock, operation.submitted());
    const [prepared] = hosted?.pendingCancels() ?? [];
    expect(prepared?.url).toMatch(/\/batches\/[^/]+:cancel$/);
    await emulator.fetch(prepared?.url ?? '', { method: 'POST', headers: prepared?.headers ?? {} });
    expect(emulator.meter.requestsTo('batch-cancel')).toMatchObject([{ status: 200, job: operation.jobs[0]?.name }]);
    void operation.cancel();
    await rejection(clock, operation.result());
  });

  it('says which signals it lacks, before anything is sent', async () => {
    const checkSignals = vi.fn((signals: unknown) => {
      if (Array.isArray(signals) && signals.includes('SIGUSR9')) throw new TypeError('no `SIGUSR9` here');
    });
    const { ai, emulator, images } = setupWith({ checkSignals });
    const bad = { signals: ['SIGUSR9'] } as const;
    const name = 'interactions/a';
    expect(() => createCancelable({ ...plainPlatform, checkSignals })(ai, bad)).toThrow(TypeError);
    expect(() => images.start(lighthouse, bad)).toThrow(/SIGUSR9/);
    expect(() => images.startBatch([{ prompt: 'a' }], { model: lighthouse.model, ...bad })).toThrow(TypeError);
    expect(() => images.attach(name, bad)).toThrow(TypeError);
    await expect(images.generateImages(lighthouse, bad)).rejects.toThrow(TypeError);
    await expect(images.recover({ ...bad, journal: memoryJournal() })).rejects.toThrow(TypeError);
    expect(emulator.meter.requests).toEqual([]);
  });

  it('is held by a cancel that nobody waits for, and by nothing once it is over', async () => {
    const { ai, clock } = setup();
    const holding = createHoldingClock(clock);
    const images = createCancelable(plainPlatform)(ai, { clock: holding.clock });
    const operation = images.start(lighthouse);
    await clock.advance(1_000);
    expect(holding.isHeld()).toBe(false);
    void operation.cancel();
    expect(holding.isHeld()).toBe(true);
    await clock.advance(60_000);
    expect([operation.state, holding.pending()]).toEqual(['cancelled', 0]);
  });

  it('prepares nothing where the exit path is turned off', async () => {
    let hosted: ExitParticipant | undefined;
    const { clock, images } = setupWith({
      cancelsOnExit: true,
      register: (operation) => {
        hosted = operation;
        return plainPlatform.register(operation);
      },
    });
    const operation = images.start(lighthouse, { limits: { exitMs: 0 } });
    await resolution(clock, operation.submitted());
    expect(hosted?.pendingCancels()).toEqual([]);
    void operation.cancel();
    await rejection(clock, operation.result());
  });

  it('knows of an operation what signals stop it, whether anyone listens for its end, and why it was stopped', async () => {
    let hosted: ExitParticipant | undefined;
    const { clock, images } = setupWith({
      register: (operation) => {
        hosted = operation;
        return plainPlatform.register(operation);
      },
    });
    const operation = images.start(lighthouse, { signals: ['SIGTERM'], limits: { exitMs: 700 } });
    expect(hosted).toMatchObject({ signals: ['SIGTERM'], exitMs: 700, hasAudience: false });
    operation.on('image', () => undefined);
    expect(hosted?.hasAudience).toBe(false);
    operation.on('settled', () => undefined);
    expect(hosted?.hasAudience).toBe(true);
    await clock.advance(1_000);
    void hosted?.shutDown('SIGTERM', false);
    const { cause } = (await rejection(clock, operation.result())) as Error;
    expect(cause).toMatchObject({ name: 'AbortError', message: 'Cancelled by SIGTERM.' });
    expect(cause).toBeInstanceOf(DOMException);
  });

  it.each([
    ['interactions', true],
    ['models', false],
  ] as const)('has the connections of a create held as long as they are wanted: %s', async (backend, isHeldUnnamed) => {
    const sockets: { held: boolean; isGone: boolean }[] = [];
    const track: Platform['track'] = (request, add) => {
      const socket = { held: false, isGone: false };
      const connection = { ref: () => (socket.held = true), unref: () => (socket.held = false) };
      add(connection);
      sockets.push(socket);
      const answer = request();
      void Promise.resolve(answer).finally(() => (socket.isGone = true));
      return answer;
    };
    const { clock, emulator, images } = setupWith({ track });
    emulator.addFault({ kind: 'delay', route: backend === 'models' ? 'generateContent' : 'create', ms: 2_000 });
    const operation = images.start(lighthouse, { backend });
    operation.once('warning', () => undefined);
    await clock.advance(1_000);
    // Nobody waits for it: but nobody could find a job again whose name was not received.
    expect(sockets).toEqual([{ held: isHeldUnnamed, isGone: false }]);
    const result = operation.result();
    expect(sockets).toEqual([{ held: true, isGone: false }]);
    await resolution(clock, result);
    expect(sockets[0]?.isGone).toBe(true);
    // It is not ours any more: another request may be using it.
    if (sockets[0] !== undefined) sockets[0].held = true;
    operation.on('image', () => undefined)();
    expect(sockets[0]?.held).toBe(true);
  });
});
