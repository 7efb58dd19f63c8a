import { capabilitiesOf } from './capabilities.js';
import { chooseBatch, type StartBatch } from './start-batch.js';
import { chooseBackend } from './choose.js';
import type { Plan } from '../operation/job/plan.js';
import { assumeSubmitted, existingJob, existingOperation } from './attach.js';
import type { CancelableImages } from './cancelable-images.js';
import { ModelMemory } from './model-memory.js';
import { serverOf, type GenAIClient } from '../google/sdk.js';
import { failureOf } from '../google/failures.js';
import { NotStartedError } from '../api/errors.js';
import { expected } from '../util/expected.js';
import type { Platform } from '../operation/platform.js';
import type { BatchOptions, BatchRequest, VertexBatchOptions } from '../google/batch-parameters.js';
import { checkParameters } from '../google/parameters.js';
import type { GenerateImagesParameters } from '../api/images.js';
import { recordEnds } from '../journal/join.js';
import { readEntries } from '../journal/read.js';
import type { Journal } from '../api/journal.js';
import type { JournalRecord } from '../journal/record.js';
import { checkRecoverOptions, recover, type Recoverer, type Recovery } from './recover.js';
import type { AttachOptions, RecoverOptions } from './recover-options.js';
import type { Operation } from '../api/handle.js';
import { asyncDispose, OperationHandle } from '../operation/operation.js';
import { parseSnapshot, type OperationSnapshot } from '../api/snapshot.js';
import type { OperationIdentity } from '../operation/identity.js';
import { OperationRun } from '../operation/run.js';
import { Timers } from '../util/timers.js';
import { createToken } from '../util/token.js';
import {
  readCancelableOptions,
  readOptions,
  resolveSettings,
  type CancelableOptions,
  type Settings,
  type OperationOptions,
} from '../api/options.js';
import type { CancelReport } from '../api/report.js';

/** Time limit of the read that asks whether the server still knows a job. */
const READ_TIMEOUT_MS = 15_000;

/** `cancelable()` of one runtime. */
export type Cancelable = (client: GenAIClient, options?: CancelableOptions) => CancelableImages;

/** Makes the `cancelable()` of a runtime. */
export function createCancelable(host: Platform): Cancelable {
  return (client, options = {}) => {
    checkClient(client);
    const defaults = readCancelableOptions(options);
    host.checkSignals(defaults.signals);
    return createImages(client, defaults, host);
  };
}

function createImages(client: GenAIClient, defaults: CancelableOptions, host: Platform): CancelableImages {
  const inFlight = new Map<Operation, OperationRun>();
  /** Settled, and still to be written down as that. */
  const recording = new Set<OperationRun>();
  const memory = new ModelMemory();
  const crowd = host.crowd();
  let closed = false;

  const create = (
    plan: Plan,
    settings: Settings,
    identity: Partial<OperationIdentity>,
  ): { operation: Operation; run: OperationRun } => {
    const whole = {
      id: createToken(),
      tag: settings.tag,
      server: serverOf(client),
      startedAt: undefined,
      record: undefined,
      ...identity,
    };
    const run: OperationRun = new OperationRun(plan, settings, host, whole, crowd, () => operation);
    const operation = new OperationHandle(run);
    inFlight.set(operation, run);
    recording.add(run);
    run.settling.closed.addEventListener('abort', () => inFlight.delete(operation));
    void run.recorded.then(() => recording.delete(run));
    return { operation, run };
  };

  const read = <T extends OperationOptions>(options: T, others?: readonly (keyof T & string)[]): T => {
    const given = readOptions(options, others);
    host.checkSignals(given.signals);
    return given;
  };

  const expectOpen = (): void => {
    if (closed) throw new NotStartedError('CLIENT_CLOSED', 'Nothing was started: close() has been called.');
  };

  const start = (parameters: GenerateImagesParameters, options: OperationOptions = {}): Operation => {
    const given = read(options);
    const request = checkParameters(parameters);
    expectOpen();
    const settings = resolveSettings(defaults, given, parameters.config?.abortSignal ?? undefined);
    const { operation, run } = create(chooseBackend(client, request, settings, memory), settings, {
      record: 'new',
    });
    // Not before the caller has the handle and can listen to it.
    queueMicrotask(() => void run.begin());
    return operation;
  };

  const startBatch: StartBatch = (
    requests: readonly BatchRequest[] | string,
    options: BatchOptions | VertexBatchOptions,
  ): Operation => {
    const { plan, operationOptions } = chooseBatch(client, requests, options);
    host.checkSignals(operationOptions.signals);
    expectOpen();
    const settings = resolveSettings(defaults, operationOptions, undefined);
    const { operation, run } = create(plan, settings, { record: 'new' });
    queueMicrotask(() => void run.begin());
    return operation;
  };

  const attach = (nameOrSnapshot: string | OperationSnapshot, options: AttachOptions = {}): Operation => {
    const { storage, ...operationOptions } = read(options, ['storage']);
    expectOpen();
    const settings = resolveSettings(defaults, operationOptions, undefined);
    if (typeof nameOrSnapshot === 'string') {
      const { operation, run } = create(existingJob(client, nameOrSnapshot, storage), settings, { record: 'join' });
      queueMicrotask(() => run.resume());
      return operation;
    }
    const snapshot = parseSnapshot(nameOrSnapshot);
    if (snapshot.jobs.length === 0) throw new TypeError(expected('snapshot.jobs', 'a list of one job or more', []));
    const { operation, run } = create(existingOperation(client, assumeSubmitted(snapshot), storage), settings, {
      ...identityOf(snapshot),
      record: 'join',
    });
    queueMicrotask(() => run.resume());
    return operation;
  };

  const cancelByName = async (name: string): Promise<CancelReport> => {
    const settings = resolveSettings(defaults, {}, undefined);
    const { operation, run } = create(existingJob(client, name), settings, {});
    run.resume();
    const report = await operation.cancel();
    if (settings.journal !== undefined)
      await recordEnds(settings.journal, serverOf(client), report, new Timers(settings.clock));
    return report;
  };

  const recoverOrphans = async (options: RecoverOptions = {}): Promise<Recovery> => {
    const given = read(options, ['storage', 'policy', 'limit', 'filter']);
    checkRecoverOptions(given);
    const { policy = 'attach', limit = Infinity, filter = () => true, storage, ...operationOptions } = given;
    const settings = resolveSettings(defaults, operationOptions, undefined);
    const journal = expectJournalOf(settings);
    expectOpen();
    const timers = new Timers(settings.clock);
    const attachTo: Recoverer['attach'] = ({ claim, record }, handedOver) => {
      const { operation, run } = create(existingOperation(client, record, storage), settings, {
        ...identityOf(record),
        record: { claim, record, handedOver },
      });
      void (policy === 'attach' ? handedOver.then(() => timers.sleep(0)) : Promise.resolve()).then(() => run.resume());
      return operation;
    };
    const recoverer: Recoverer = {
      journal,
      server: serverOf(client),
      hasStorage: storage !== undefined,
      now: () => timers.now(),
      attach: attachTo,
      isDenied: (record, name) => timers.within(isDenied(client, record, name), READ_TIMEOUT_MS).catch(() => false),
    };
    return recover(recoverer, policy, { limit, filter });
  };

  const forget = async (id: string): Promise<boolean> => {
    const journal = expectJournalOf(resolveSettings(defaults, {}, undefined));
    const { operations } = await readEntries(journal);
    const found = operations.find(({ journaled }) => journaled.id === id && journaled.isOrphan);
    const claim = found === undefined ? undefined : await journal.claim(found.entry);
    return claim !== undefined && (await journal.remove(claim));
  };

  const stopAll = (stop: (run: OperationRun) => Promise<CancelReport>): Promise<CancelReport[]> =>
    Promise.all([...inFlight.values()].map(stop));

  const close = async (): Promise<void> => {
    closed = true;
    const reason = new DOMException('The client was closed.', 'AbortError');
    for (const [operation, run] of inFlight) if (run.isDetached) inFlight.delete(operation);
    await stopAll((run) => run.stop('dispose', reason));
    await Promise.all([...recording].filter(({ isSettled }) => isSettled).map(({ recorded }) => recorded));
  };

  return {
    generateImages: async (parameters, options) => start(parameters, options).result(),
    start,
    startBatch,
    attach,
    cancel: cancelByName,
    recover: recoverOrphans,
    forget,
    capabilities: (model) => capabilitiesOf(model, memory),
    get operations() {
      return [...inFlight.keys()];
    },
    cancelAll: (reason = new DOMException('All operations were cancelled.', 'AbortError')) =>
      stopAll((run) => run.stop('cancel', reason)),
    close,
    [asyncDispose]: close,
  };
}

function identityOf({ id, tag, startedAt }: OperationSnapshot): Partial<OperationIdentity> {
  return { id, tag, startedAt };
}

function expectJournalOf({ journal }: Settings): Journal {
  if (journal === undefined)
    throw new TypeError(expected('journal', 'a Journal: there is nothing to look in', journal));
  return journal;
}

/** Reads a job once. Resolves to whether the server denies it (404). */
async function isDenied(client: GenAIClient, record: JournalRecord, name: string): Promise<boolean> {
  const { backend, existing } = existingOperation(client, record);
  const job = existing?.find(
    ({ backend, id }) => backend.cancelable && id !== undefined && backend.nameOf(id) === name,
  );
  if (!backend.cancelable || job?.id === undefined || !job.backend.cancelable) return false;
  return job.backend.read(job.id, READ_TIMEOUT_MS, job.indices).then(
    () => false,
    (error: unknown) => failureOf(error).status === 404,
  );
}

function checkClient(client: unknown): asserts client is GenAIClient {
  const { interactions } = Object(client) as { interactions?: unknown };
  const { create, get, cancel } = Object(interactions) as Record<string, unknown>;
  if (![create, get, cancel].every((member) => typeof member === 'function')) {
    throw new TypeError(expected('client', 'a GoogleGenAI of @google/genai 2.30 or later', client));
  }
}
