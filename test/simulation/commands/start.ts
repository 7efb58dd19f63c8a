import fc, { type Arbitrary } from 'fast-check';
import { NotStartedError } from '../../../src/api/errors.js';
import type { CancelableImages } from '../../../src/client/cancelable-images.js';
import type { Operation } from '../../../src/api/handle.js';
import type { GenerateImagesResponse } from '../../../src/api/images.js';
import type { OperationOptions } from '../../../src/api/options.js';
import { mayHaveRefusedCancels, wasRefused } from '../invariants/capabilities.js';
import type { SimulatedProcess } from '../world/process.js';
import type { Root } from '../world/roots.js';
import { attentive, receiverOf, type Caller } from '../world/caller.js';
import { QUOTED_PROMPT, SEEDS } from '../world/server.js';
import type { Simulation } from '../world/simulation.js';
import { Violation } from '../world/violation.js';
import { pick, SimulatedCommand } from './command.js';
import { startOptions, type StartOptions } from './options.js';
import { foreignController, sharedController, watchedController } from './signals.js';

/** By which call it is started. */
type How =
  | 'auto'
  | 'interactions'
  | 'batches'
  | 'models'
  | 'startBatch'
  | 'imagen'
  | 'retired'
  | 'vertex'
  | 'vertex models'
  | 'vertex batch';

interface Given extends StartOptions {
  readonly how: How;
  readonly images: number;
  readonly prompt: string;
  readonly slot: number;
  /** Whether a proxy sends the create of its batch twice, and loses the answers. */
  readonly isRepeated: boolean;
  /** Whether the results of a batch on Vertex can be read. */
  readonly hasStorage: boolean;
  readonly after: number;
}

/** How many processes live at a time, at most. */
const SLOTS = 3;
const MODEL = 'gemini-3.1-flash-image';
const IMAGEN = 'imagen-4.0-generate-001';

class Start extends SimulatedCommand {
  readonly kind: string;
  readonly #given: Given;

  constructor(given: Given) {
    super(given.after);
    this.#given = given;
    this.kind = `start ${given.how}`;
  }

  protected async act(simulation: Simulation): Promise<void> {
    const { how, images, hasJournal, options: given, caller } = this.#given;
    const process = this.#process(simulation);
    const number = simulation.roots.length + 1;
    const indices = Array.from({ length: images }, (_, index) => index);
    const vertex = isVertex(how);
    const isBatch = how === 'startBatch' || how === 'vertex batch';
    const startedSeq = simulation.nextSeq();
    const { config, options, controllers } = this.#signals(simulation, process, number, isBatch);
    const onImage = receiverOf(simulation, process, caller);
    const all = {
      ...given,
      ...options,
      tag: `op ${number}`,
      ...(hasJournal ? {} : { journal: false as const }),
      ...(onImage === undefined ? {} : { onImage }),
    };
    let started: Started;
    try {
      const starting = this.#start(simulation, process, number, indices, config, all);
      // A listener has to be there before anything happens.
      started = starting instanceof Promise ? await starting : starting;
    } catch (error) {
      this.#checkRefusal(simulation, process, error);
      return;
    }
    const { operation, promise } = started;
    if (how === 'retired') simulation.violated(new Violation('one create', 'a retired model was accepted'));
    if (this.#given.isRepeated) simulation.repeated.add(number);
    const root: Root = {
      number,
      pid: process.pid,
      indices,
      vertex,
      isBatch,
      startedSeq,
      options: all,
      id: operation.id,
      isJournaled: hasJournal,
      isForgotten: false,
    };
    simulation.roots.push(root);
    const tracked = simulation.track(
      process,
      operation,
      'start',
      root,
      promise === undefined ? caller : dropIn(caller),
    );
    if (promise !== undefined) tracked.ask(promise);
    tracked.cancelTimeoutMs = all.cancelTimeoutMs ?? tracked.cancelTimeoutMs;
    tracked.shutdownMs = all.limits?.shutdownMs ?? tracked.shutdownMs;
    if (all.signals !== undefined) tracked.signals = all.signals === false ? [] : all.signals;
    tracked.controllers = controllers;
    simulation.tally.count('backend', operation.toJSON().backend);
  }

  protected describe(): string {
    const { how, images, prompt, slot, options, signals, hasJournal, isRepeated, hasStorage, caller, isDropIn } =
      this.#given;
    const more = [
      hasJournal ? '' : 'no journal',
      signals === 'none' ? '' : `signals: ${signals}`,
      isRepeated ? 'create repeated by a proxy' : '',
      hasStorage ? '' : 'no storage',
      isDropIn ? 'drop-in' : '',
      `caller: ${JSON.stringify(caller)}`,
    ];
    return `process ${slot} starts ${images} of '${prompt}' by ${how} ${JSON.stringify(options)} ${more.filter(Boolean).join(', ')}`;
  }

  /** `start()` throws for two reasons here, before anything is sent (A3, S8, S10). */
  #checkRefusal(simulation: Simulation, process: SimulatedProcess, error: unknown): void {
    if (!(error instanceof NotStartedError)) throw error;
    simulation.tally.count('error', error.code);
    const { how, options } = this.#given;
    const isExpected =
      error.code === 'MODEL_RETIRED'
        ? how === 'retired'
        : error.code === 'NOT_CANCELABLE' &&
          (how.endsWith('models') || how === 'imagen'
            ? options.requireCancelable === true
            : wasRefused(simulation, process, isVertex(how)) ||
              mayHaveRefusedCancels(simulation, process, isVertex(how)));
    if (isExpected) return;
    simulation.violated(new Violation('one create', `start by ${how} threw ${error.code}: ${error.message}`));
  }

  #process(simulation: Simulation): SimulatedProcess {
    const living = simulation.processes.filter(({ isAlive, isClosed }) => isAlive && !isClosed);
    const { slot } = this.#given;
    return living[slot] ?? (living.length < SLOTS ? simulation.spawn() : (pick(living, slot) ?? simulation.spawn()));
  }

  #signals(
    simulation: Simulation,
    process: SimulatedProcess,
    number: number,
    isBatch: boolean,
  ): { config: { abortSignal?: AbortSignal }; options: OperationOptions; controllers: AbortController[] } {
    const { signals } = this.#given;
    if (signals === 'none') return { config: {}, options: {}, controllers: [] };
    if (signals === 'shared') {
      const shared = sharedController(simulation, process);
      return { config: {}, options: { cancelSignal: shared.signal }, controllers: [shared] };
    }
    const given = signals === 'foreign' ? foreignController() : new AbortController();
    const [one, other] = [watchedController(simulation, process, given), watchedController(simulation, process)];
    if (signals === 'aborted') one.abort(new Error(`before ${number}`));
    if (signals === 'config' && !isBatch)
      return { config: { abortSignal: one.signal }, options: {}, controllers: [one] };
    if (signals === 'both' && !isBatch) {
      return {
        config: { abortSignal: other.signal },
        options: { cancelSignal: one.signal },
        controllers: [one, other],
      };
    }
    return { config: {}, options: { cancelSignal: one.signal }, controllers: [one] };
  }

  #start(
    simulation: Simulation,
    process: SimulatedProcess,
    number: number,
    indices: readonly number[],
    config: { abortSignal?: AbortSignal },
    options: OperationOptions,
  ): Started | Promise<Started> {
    const { how, prompt } = this.#given;
    const seed = number * SEEDS;
    const images = process.images(isVertex(how));
    if (how === 'startBatch') {
      const requests = indices.map((index) => ({ prompt, config: { seed: seed + index } }));
      return { operation: images.startBatch(requests, { ...options, model: MODEL }) };
    }
    if (how === 'vertex batch') {
      const rows = indices.map((index) => ({
        key: String(index),
        request: { contents: [{ role: 'user', parts: [{ text: prompt }] }], generationConfig: { seed: seed + index } },
      }));
      const source = `gs://in/${number}.jsonl`;
      simulation.server.bucket.put(source, rows.map((row) => JSON.stringify(row)).join('\n'));
      const storage = this.#given.hasStorage ? process.storage : undefined;
      const all = { ...options, model: MODEL, destination: 'gs://out/results', storage };
      return { operation: images.startBatch(source, all) };
    }
    const parameters = { prompt, config: { numberOfImages: indices.length, seed, ...config } };
    const isImagen = how === 'imagen' || how === 'retired';
    const all = { ...parameters, model: isImagen ? IMAGEN : MODEL };
    const backend = how === 'imagen' || how === 'vertex models' ? 'models' : isAuto(how) ? 'auto' : how;
    if (!this.#given.isDropIn) return { operation: images.start(all, { ...options, backend }) };
    return startDropIn(images, all, { ...options, backend });
  }
}

/** `promise`: of a drop-in call. */
interface Started {
  readonly operation: Operation;
  readonly promise?: Promise<GenerateImagesResponse>;
}

/** A drop-in call has no handle: it is found among the operations of the client. */
function startDropIn(
  images: CancelableImages,
  ...args: Parameters<CancelableImages['generateImages']>
): Started | Promise<Started> {
  const before = images.operations;
  const promise = images.generateImages(...args);
  const operation = images.operations.find((one) => !before.includes(one));
  if (operation !== undefined) return { operation, promise };
  return promise.then(() => {
    throw new Error('generateImages() resolved without an operation.');
  });
}

/** It has nothing but its promise, and an `onImage`. */
function dropIn({ onImage, takesMs }: Caller): Caller {
  return { ...attentive, onImage, takesMs, listens: false, iterates: false, asks: false };
}

function isAuto(how: How): how is 'auto' | 'vertex' | 'retired' {
  return how === 'auto' || how === 'vertex' || how === 'retired';
}

function isVertex(how: How): boolean {
  return how.startsWith('vertex') || how === 'imagen';
}

/** One of many: it has as many jobs on the server as it may have. */
export function crowdedStart(): Arbitrary<SimulatedCommand> {
  const how = fc.constantFrom<How[]>('interactions', 'interactions', 'auto');
  return fc.tuple(how, startOptions).map(
    ([
      how,
      {
        options: { limits },
        ...options
      },
    ]) => {
      const given = { how, images: 8, prompt: 'a crowd', slot: 0, isRepeated: false, hasStorage: true, after: 0 };
      return new Start({ ...options, ...given, options: limits === undefined ? {} : { limits } });
    },
  );
}

/** A start, of up to eight images by any way. */
export function start(after: Arbitrary<number>): Arbitrary<SimulatedCommand> {
  return fc
    .tuple(
      fc.record({
        how: fc.constantFrom<How[]>(
          'auto',
          'auto',
          'auto',
          'interactions',
          'batches',
          'models',
          'startBatch',
          'imagen',
          'retired',
          'vertex',
          'vertex models',
          'vertex batch',
        ),
        images: fc.constantFrom(1, 1, 2, 2, 3, 4, 8),
        prompt: fc.constantFrom('a lighthouse', 'background', QUOTED_PROMPT),
        slot: fc.nat(SLOTS - 1),
        isRepeated: fc.constantFrom(false, false, false, false, false, true),
        hasStorage: fc.constantFrom(true, true, true, false),
        after,
      }),
      startOptions,
    )
    .map(([given, options]) => new Start({ ...given, ...options }));
}
