import { getEventListeners } from 'node:events';
import { expect } from 'vitest';
import type { CancelReport, Operation } from '../../src/index.js';
import type { Driver, Scene } from './driver.js';
import type { Scenario } from './scenarios.js';

/** The default of `cancelTimeoutMs`. */
export const CANCEL_TIMEOUT_MS = 8_000;

/** Checks what holds of every cancel, at the moment of its report. */
export function checkReport(driver: Driver, scene: Scene, scenario: Scenario, report: CancelReport): void {
  const { emulator } = scene;
  const { outcome, jobs, requestedAt, settledAt } = report;
  expect(outcome).toBe(scenario.outcome);
  expect(requestedAt).toBeLessThanOrEqual(settledAt);
  expect(settledAt - requestedAt).toBeLessThanOrEqual(CANCEL_TIMEOUT_MS);
  expect(settledAt).toBe(scene.clock.now());
  expect(report.response?.generatedImages.filter(({ image }) => image !== undefined).length ?? 0).toBe(scenario.kept);
  expect(report.billing).toMatchObject({
    expectation: scenario.expectation,
    basis: expect.stringMatching(/^["A-Z].*[."]$/) as string,
  });

  for (const job of jobs) {
    expect(job.backend).toBe(scenario.creates === 0 ? (driver.firstBackend ?? driver.backend) : driver.backend);
    for (const at of [job.acknowledgedAt, job.confirmedAt].filter((time) => time !== undefined)) {
      expect(at).toBeLessThanOrEqual(settledAt);
    }
    // Nothing is cancelled unless the server has said so itself.
    if (job.state === 'cancelled') expect(job).toMatchObject({ lastStatus: expect.any(String) as string, confirmedAt: expect.any(Number) as number }); // prettier-ignore
    if (job.state === 'unknown' || job.state === 'running') expect(job).not.toHaveProperty('confirmedAt');
  }

  const cancels = driver.routes.cancel === undefined ? [] : emulator.meter.requestsTo(driver.routes.cancel);
  expect(jobs.reduce((sum, job) => sum + job.cancelRequests, 0)).toBe(cancels.length);
  expect(cancels.length).toBeGreaterThanOrEqual(scenario.cancels.atLeast);
  expect(cancels.length).toBeLessThanOrEqual(scenario.cancels.atMost);
  const taken = cancels.filter(({ status }) => status === 200);
  if (driver.cancelsOnce === true) expect(taken.length).toBeLessThanOrEqual(jobs.length);

  checkLeftovers(driver, scene, scenario, report);
  checkCounts(scenario, report);
}

/** Every image is counted once, and what may still be made exactly where a leftover is named. */
function checkCounts({ images, kept, outcome }: Scenario, { counts, leftovers }: CancelReport): void {
  const { made, cancelled, failed, running, notSent } = counts;
  expect(made + cancelled + failed + running + notSent).toBe(images);
  expect(made).toBe(kept);
  expect(running > 0).toBe(leftovers.length > 0);
  if (outcome === 'not-started') expect(notSent).toBe(images);
  if (outcome === 'cancelled') expect(cancelled).toBeGreaterThan(0);
  if (outcome === 'failed-anyway') expect(failed).toBeGreaterThan(0);
}

/** Whatever runs on the server is told of, by the name if there is one; and nothing is told of that does not. */
function checkLeftovers(driver: Driver, { emulator }: Scene, { leftovers }: Scenario, report: CancelReport): void {
  const names = driver.jobsOf(emulator.meter.running()).map(({ name }) => name);
  if (leftovers === undefined) {
    expect(report.leftovers).toEqual([]);
    expect(names).toEqual([]);
  } else if (leftovers === 'named') {
    expect(report.leftovers).toEqual(
      names.map((name) => ({ name, howToCancel: `npx --no genai-cancel cancel ${name ?? ''}` })),
    );
  } else {
    expect(report.leftovers.length).toBeGreaterThanOrEqual(1);
    for (const leftover of report.leftovers) {
      expect(leftover).not.toHaveProperty('name');
      expect(leftover.howToCancel).toMatch(/\w{3}/);
    }
  }
}

/** Checks the error that a waiting caller gets. */
export function checkError(error: unknown, report: CancelReport, reason: unknown): void {
  expect(error).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR', report });
  expect((error as { report: unknown }).report).toBe(report);
  expect((error as Error).cause).toBe(reason);
  expect(report.reason).toBe(reason);
}

/** Once all is over, the server's jobs included. */
export async function checkAftermath(
  driver: Driver,
  scene: Scene,
  scenario: Scenario,
  operation: Operation,
): Promise<void> {
  const { clock, emulator, timersOfLibrary } = scene;
  // The library goes on waiting if a name, an image or the end of a job may still come.
  if (scenario.leftovers === undefined) expect(timersOfLibrary()).toBe(0);
  await clock.advance(3_600_000);
  expect(driver.jobsOf(emulator.meter.jobs).map(({ endReason }) => endReason)).toEqual(scenario.ends);
  expect(emulator.meter.requestsTo(driver.routes.create)).toHaveLength(scenario.creates);
  for (const route of ['delete', 'batch-delete'] as const) expect(emulator.meter.requestsTo(route)).toEqual([]);
  expect(operation.state).toBe(scenario.state);
  expect(timersOfLibrary()).toBe(0);
  expect(clock.pendingTimers).toBe(0);
  expect(emulator.meter.openStreams).toBe(0);
  expect(scene.images.operations).toEqual([]);
}

export function checkNoListener(signal: AbortSignal): void {
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
}
