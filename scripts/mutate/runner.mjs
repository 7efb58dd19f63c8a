import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { INSTRUMENTER_CONSTANTS } from '@stryker-mutator/api/core';
import { PluginKind, declareClassPlugin } from '@stryker-mutator/api/plugin';
import {
  DryRunStatus,
  TestStatus,
  determineHitLimitReached,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import { bundleTests } from './bundle.mjs';

/** A test that does nothing at all for so long waits for something that never comes. */
const IDLE_MS = 1_000;
/** One that works for so long runs in circles: none takes a second. Time on the clock would tell how busy the machine is. */
const WORKING_MS = 5_000;

const HANGING = { status: DryRunStatus.Timeout, reason: 'A test hangs.' };

/** A test runner of Stryker that keeps the tests loaded, and runs those that a mutant concerns, the likeliest to fail first. */
class LoadedTests {
  #file = join(process.cwd(), 'tests.mjs');
  /** What the mutated code looks at. */
  #stryker = (globalThis[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {});
  #tests;
  #copies = 0;
  /** How often a test was the one that failed, and how long it took at first. */
  #kills = new Map();
  #durations = new Map();
  /** What went wrong outside of any test. */
  #stray;

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    for (const event of ['unhandledRejection', 'uncaughtException'])
      process.on(event, (error) => (this.#stray ??= error));
    for (const method of ['log', 'warn', 'error']) console[method] = () => undefined;
    if (existsSync(this.#file)) return;
    const own = `${this.#file}.${process.pid}.mjs`;
    await bundleTests(process.cwd(), own);
    renameSync(own, this.#file);
  }

  async dryRun() {
    const tests = await this.#run(await this.#load(), false);
    for (const { id, timeSpentMs } of tests) this.#durations.set(id, timeSpentMs);
    return { status: DryRunStatus.Complete, tests, mutantCoverage: this.#stryker.mutantCoverage };
  }

  async mutantRun({ activeMutant, mutantActivation, reloadEnvironment, testFilter, hitLimit, disableBail }) {
    if (reloadEnvironment || mutantActivation === 'static') this.#tests = undefined;
    if (mutantActivation !== 'static') await this.#load();
    Object.assign(this.#stryker, { activeMutant: activeMutant.id, hitCount: 0, hitLimit });
    try {
      const tests = await this.#load();
      const wanted = new Set(testFilter);
      const results = await this.#run(
        testFilter === undefined ? tests : tests.filter(({ id }) => wanted.has(id)),
        !disableBail,
      );
      const { hitCount } = this.#stryker;
      const timeout = results.some(({ hangs }) => hangs) ? HANGING : determineHitLimitReached(hitCount, hitLimit);
      return toMutantRunResult(timeout ?? { status: DryRunStatus.Complete, tests: results });
    } catch (error) {
      // It does not even load.
      return toMutantRunResult({ status: DryRunStatus.Complete, tests: [failure({ id: 'loading' }, error, 0)] });
    } finally {
      this.#stryker.activeMutant = undefined;
    }
  }

  async #load() {
    this.#tests ??= (await import(`${pathToFileURL(this.#file).href}?copy=${this.#copies++}`)).tests;
    return this.#tests;
  }

  async #run(tests, bail) {
    const results = [];
    const kills = ({ id }) => this.#kills.get(id) ?? 0;
    const duration = ({ id }) => this.#durations.get(id) ?? 0;
    const order = (one, other) => kills(other) - kills(one) || duration(one) - duration(other);
    for (const test of [...tests].sort(order)) {
      const result = await this.#runOne(test);
      results.push(result);
      if (result.status !== TestStatus.Failed || !bail) continue;
      this.#kills.set(test.id, kills(test) + 1);
      // Whatever it has left behind stays with this copy.
      this.#tests = undefined;
      break;
    }
    return results;
  }

  async #runOne(test) {
    const startedAt = performance.now();
    const spent = () => performance.now() - startedAt;
    this.#stray = undefined;
    this.#stryker.currentTestId = test.id;
    try {
      if (await isHanging(test.run())) return { ...failure(test, 'It does not end.', spent()), hangs: true };
      // A rejection that nobody has handled is told at the end of the turn.
      await setImmediate();
      if (this.#stray !== undefined) return failure(test, this.#stray, spent());
      return { ...nameOf(test), timeSpentMs: spent(), status: TestStatus.Success };
    } catch (error) {
      return failure(test, error, spent());
    }
  }
}

/** Settles like `promise`, or to whether it does not come to an end. */
function isHanging(promise) {
  const atStart = process.cpuUsage();
  let before = performance.eventLoopUtilization();
  return new Promise((resolve, reject) => {
    const timer = setInterval(() => {
      const { utilization } = performance.eventLoopUtilization(before);
      const { user, system } = process.cpuUsage(atStart);
      before = performance.eventLoopUtilization();
      if (utilization < 0.02 || user + system > WORKING_MS * 1_000) resolve(true);
    }, IDLE_MS);
    promise.then(() => resolve(false), reject).finally(() => clearInterval(timer));
  });
}

function nameOf({ id, file = '' }) {
  return { id, name: id, fileName: join(process.cwd(), file) };
}

function failure(test, error, timeSpentMs) {
  const failureMessage = error instanceof Error ? error.message : String(error);
  return { ...nameOf(test), timeSpentMs, status: TestStatus.Failed, failureMessage };
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'loaded-tests', LoadedTests)];
