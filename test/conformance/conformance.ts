import { describe, expect, it } from 'vitest';
import type { CancelReport, CancelTrigger, Operation, OperationOptions } from '../../src/index.js';
import { rejection, resolution, settle } from '../support/setup.js';
import { CANCEL_TIMEOUT_MS, checkAftermath, checkError, checkNoListener, checkReport } from './checks.js';
import { sceneOf, startOn, type Driver, type Scene } from './driver.js';
import { scenariosOf, type Scenario } from './scenarios.js';
import { macrotask } from '../../src/testing/virtual-clock.js';
import type { Table } from './table.js';

/** Tests a backend on a host: each outcome that it can come to, and each trigger. */
export function conformance(driver: Driver, table: Table): void {
  describe(driver.name, () => {
    it.each(scenariosOf(driver))('$outcome: $title', async (scenario) => {
      await play(driver, scenario);
      table.reach(driver, scenario.outcome);
    });

    it.each(['cancel', 'signal', 'timeout', 'dispose'] as const)('a stop by %s reaches the server', async (trigger) => {
      await stopBy(driver, trigger);
    });

    it('the first trigger wins, and the later ones join it', async () => {
      const scene = sceneOf(driver);
      const controller = new AbortController();
      const operation = await startOn(driver, scene, 1, {
        cancelSignal: controller.signal,
        timeoutMs: 2 * driver.times.runningMs,
      });
      await scene.clock.advance(driver.times.runningMs);
      const reason = { first: true };
      controller.abort(reason);
      const [second, third] = [operation.cancel('second'), operation.cancel('third')];
      await resolution(scene.clock, operation[Symbol.asyncDispose]());
      const report = await resolution(scene.clock, second);
      expect(await third).toBe(report);
      expect(report.trigger).toBe('signal');
      checkError(await rejection(scene.clock, operation.result()), report, reason);
      if (driver.routes.cancel !== undefined && driver.refusesWhileRunning !== true)
        expect(scene.emulator.meter.requestsTo(driver.routes.cancel)).toHaveLength(1);
      expect(scene.emulator.meter.requestsTo(driver.routes.create)).toHaveLength(1);
    });

    it('a stop after the end sends nothing and changes nothing', async () => {
      const scene = sceneOf(driver);
      const controller = new AbortController();
      const operation = await startOn(driver, scene, 1, { cancelSignal: controller.signal, timeoutMs: 600_000 });
      const response = await resolution(scene.clock, operation.result());
      const sent = scene.emulator.meter.requests.length;
      checkNoListener(controller.signal);
      controller.abort('late');
      const report = await operation.cancel('later');
      expect(report).toMatchObject({ outcome: 'completed-anyway', trigger: 'cancel', reason: 'later', response });
      await operation[Symbol.asyncDispose]();
      await scene.clock.advance(3_600_000);
      expect(scene.emulator.meter.requests).toHaveLength(sent);
      expect(operation.state).toBe('succeeded');
      expect(await operation.result()).toBe(response);
    });

    if (driver.cancelable) whileForbidden(driver);
    else atAQuarter(driver);
  });
}

/** As seen live in August 2026: 403 on reads and cancels as long as the job runs. */
function whileForbidden(driver: Driver): void {
  describe('403 on reads and cancels while it runs', () => {
    const faults = [{ kind: 'forbidden-while-running' }] as const;

    it('the image is delivered all the same', async () => {
      const scene = sceneOf(driver, faults);
      const operation = await startOn(driver, scene, 1);
      const { generatedImages } = await resolution(scene.clock, operation.result());
      expect(generatedImages).toMatchObject([{ image: { imageBytes: expect.any(String) as string } }]);
      expect(operation.state).toBe('succeeded');
    });

    it('a cancel ends unconfirmed when the budget does, with the name and the command', async () => {
      const scene = sceneOf({ ...driver, emulator: { ...driver.emulator, workMs: 600_000 } }, faults);
      const operation = await startOn(driver, scene, 1);
      await scene.clock.advance(driver.times.runningMs);
      const report = await resolution(scene.clock, operation.cancel());
      expect(report.settledAt - report.requestedAt).toBe(CANCEL_TIMEOUT_MS);
      const [running] = driver.jobsOf(scene.emulator.meter.running());
      const name = running?.name ?? 'none';
      expect(report).toMatchObject({
        outcome: 'unconfirmed',
        jobs: [{ name, cancelRequests: scene.emulator.meter.requestsTo(driver.routes.cancel ?? 'unknown').length }],
        leftovers: [{ name, howToCancel: `npx --no genai-cancel cancel ${name}` }],
      });
      expect(operation.state).toBe('abandoned');
    });
  });
}

/** Fire and forget, aborted at a quarter. */
function atAQuarter(driver: Driver): void {
  it('aborted at a quarter it rejects within one turn, and delivers the image after that', async () => {
    const scene = sceneOf(driver);
    const controller = new AbortController();
    const operation = await startOn(driver, scene, 1, { cancelSignal: controller.signal });
    const images: unknown[] = [];
    operation.on('image', ({ image }) => images.push(image));
    let hasRejected = false;
    operation.result().catch(() => (hasRejected = true));
    await scene.clock.advance(driver.times.runningMs);
    controller.abort();
    await macrotask();
    expect([hasRejected, operation.state, images]).toEqual([true, 'abandoned', []]);
    await scene.clock.advance(60_000);
    expect(images).toMatchObject([{ imageBytes: expect.any(String) as string }]);
    expect(scene.emulator.meter.jobs).toMatchObject([{ endReason: 'completed', clientGoneAt: undefined }]);
    expect(scene.clock.pendingTimers).toBe(0);
  });
}

async function play(driver: Driver, scenario: Scenario): Promise<void> {
  const scene = sceneOf(driver, scenario.faults);
  const reason = { why: 'the prompt is wrong' };
  const controller = new AbortController();
  if (scenario.stopAt === 'before') controller.abort(reason);
  const operation = await startOn(driver, scene, scenario.images, { cancelSignal: controller.signal });
  const settled: unknown[] = [];
  operation.on('settled', (event) => settled.push(event));
  const result = operation.result();
  const report = await stopAt(scenario, scene, operation, controller, reason);
  checkReport(driver, scene, scenario, report);
  const ended = await settle(scene.clock, result);
  if (scenario.stopAt === 'after') {
    expect(report.trigger).toBe('cancel');
    expect(ended.status).toBe(scenario.outcome === 'completed-anyway' ? 'fulfilled' : 'rejected');
  } else {
    expect(report.trigger).toBe('signal');
    expect(ended.status).toBe('rejected');
    checkError((ended as PromiseRejectedResult).reason, report, reason);
    expect(settled).toMatchObject([{ report, state: operation.state }]);
  }
  checkNoListener(controller.signal);
  await checkAftermath(driver, scene, scenario, operation);
  expect(settled).toHaveLength(1);
}

/** Stops when the scenario says so: by the signal, or where there is nothing left to stop by `cancel()`. */
async function stopAt(
  { stopAt: at }: Scenario,
  { clock }: Scene,
  operation: Operation,
  controller: AbortController,
  reason: unknown,
): Promise<CancelReport> {
  if (at === 'after') {
    await settle(clock, operation.result());
    return operation.cancel(reason);
  }
  if (at !== 'before') await clock.advance(at);
  controller.abort(reason);
  const error = await rejection(clock, operation.result());
  return (error as { report: CancelReport }).report;
}

async function stopBy(driver: Driver, trigger: CancelTrigger): Promise<void> {
  const { runningMs } = driver.times;
  const scene = sceneOf(driver);
  const controller = new AbortController();
  const options: OperationOptions = { cancelSignal: controller.signal, ...(trigger === 'timeout' && { timeoutMs: runningMs }) }; // prettier-ignore
  const operation = await startOn(driver, scene, 1, options);
  const result = operation.result();
  await scene.clock.advance(runningMs);
  if (trigger === 'cancel') void operation.cancel();
  if (trigger === 'signal') controller.abort();
  if (trigger === 'dispose') void operation[Symbol.asyncDispose]();
  const error = await rejection(scene.clock, result);
  const outcome = driver.refusesWhileRunning === true ? 'completed-anyway' : 'cancelled';
  expect(error).toMatchObject({
    code: 'ABORT_ERR',
    cause: { name: trigger === 'timeout' ? 'TimeoutError' : 'AbortError' },
    report: { trigger, outcome: driver.cancelable ? outcome : 'not-cancelable' },
  });
  const jobs = driver.jobsOf(scene.emulator.meter.jobs);
  if (driver.cancelable && outcome === 'cancelled') expect(jobs).toMatchObject([{ endReason: 'cancelled', cancelRequestedAt: scene.emulator.meter.requestsTo(driver.routes.cancel ?? 'unknown')[0]?.at }]); // prettier-ignore
  // A request that cannot be cancelled is waited for a while.
  await scene.clock.advance(driver.cancelable ? 0 : 60_000);
  checkNoListener(controller.signal);
  expect(scene.timersOfLibrary()).toBe(0);
}
