import type { Operation, OperationOptions } from '../../src/index.js';
import { createCancelable } from '../../src/client/cancelable.js';
import { beginLine, lastLines, outcomeLine } from '../../src/node/signals/shutdown-lines.js';
import { plainPlatform, type ExitParticipant, type ExitRegistration } from '../../src/operation/platform.js';
import type { EmulatorOptions, Fault, Route } from '../../src/testing/index.js';
import { lighthouse, settle, setup, type Setup } from '../support/setup.js';

/** Its jobs end only when they are cancelled. */
export const endless = { kind: 'end', status: 'pondering' } as const satisfies Fault;
/** Only status reads can tell how a job ended. */
export const noStream = { kind: 'status', route: 'stream', status: 404 } as const satisfies Fault;

export interface Way {
  readonly name: string;
  readonly create: Route;
  readonly vertex?: boolean;
  readonly model?: string;
  readonly backend: 'interactions' | 'batches' | 'models';
}

/** Each of the ways in which images are made. */
export const ways: readonly Way[] = [
  { name: 'interactions', backend: 'interactions', create: 'create' },
  { name: 'batches', backend: 'batches', create: 'batch-create' },
  { name: 'generateContent', backend: 'models', create: 'generateContent' },
  { name: 'Imagen', backend: 'models', create: 'predict', vertex: true, model: 'imagen-4.0-generate-001' },
];

export interface Started extends Setup {
  readonly operation: Operation;
}

/** Starts an operation of one image, or more, with faults. */
export function startWith(
  faults: readonly Fault[],
  options: OperationOptions & { images?: number; way?: Way | undefined; config?: object } = {},
): Started {
  const { images = 1, way, config, ...others } = options;
  // A project that still has Imagen.
  const all = setup({ emulator: { faults, retired: [] }, vertex: way?.vertex === true });
  const parameters = { ...lighthouse, model: way?.model ?? lighthouse.model };
  const operation = all.images.start(
    { ...parameters, config: { numberOfImages: images, ...config } },
    { ...(way !== undefined && { backend: way.backend }), ...others },
  );
  // Somebody has to hear of what cannot be cancelled.
  operation.on('warning', () => undefined);
  return { ...all, operation };
}

/** Google's three ways with a model of images: it cancels, it refuses what concerns a job that runs, it takes no background job. */
export const worlds = {
  A: {},
  'B with 403': { whileRunning: { reads: 'forbidden', cancels: 'forbidden' } },
  'B with 404': { whileRunning: { reads: 'not-found', cancels: 'not-found' } },
  C: { background: 'refused' },
} as const satisfies Record<string, EmulatorOptions>;

/** A process that can be pressed to death on the virtual clock. */
export interface Mortal extends Setup {
  /** Whether anything would hear the signal. */
  readonly isInFlight: () => boolean;
  /** The signal comes: resolves to what is on stderr when the process dies. Its callers hear nothing any more. */
  readonly press: (signal?: 'SIGINT' | 'SIGTERM') => Promise<readonly string[]>;
}

/** Sets the library up on a host that dies of signals as Node's does. */
export function setupMortal(emulator: EmulatorOptions, options: OperationOptions = {}): Mortal {
  const all = setup({ emulator });
  const operations = new Set<ExitParticipant>();
  let isPressed = false;
  const gate = (): Promise<never> | undefined => (isPressed ? new Promise(() => undefined) : undefined);
  const register = (operation: ExitParticipant): ExitRegistration => {
    operations.add(operation);
    return { gate, release: () => operations.delete(operation) };
  };
  const create = createCancelable({ ...plainPlatform, admission: gate, register });
  const press = async (signal: 'SIGINT' | 'SIGTERM' = 'SIGINT'): Promise<readonly string[]> => {
    isPressed = true;
    const stopping = [...operations];
    const ends = stopping.map((operation) => operation.shutDown(signal, true));
    const first = beginLine(
      signal,
      stopping.map((operation) => operation.progress()),
    );
    await settle(all.clock, Promise.all(ends));
    const handingOver = (): Promise<void>[] => stopping.flatMap((operation) => operation.handingOver() ?? []);
    for (let pending = handingOver(); pending.length > 0; pending = handingOver()) {
      await settle(all.clock, Promise.all(pending));
    }
    return [first, ...outcomeLine(stopping), ...lastLines(stopping, 'signal')];
  };
  return {
    ...all,
    images: create(all.ai, { clock: all.clock, ...options }),
    isInFlight: () => operations.size > 0,
    press,
  };
}

/** The images that were paid for when nothing runs any more. */
export async function paidFor({ clock, emulator }: Setup): Promise<number> {
  await clock.advanceUntil(() => emulator.meter.running().length === 0);
  return emulator.meter.jobs.filter(({ endReason }) => endReason === 'completed').length;
}
/** The answer to the create of a batch is lost; the server has it. */
export const lostBatch = { kind: 'reset', route: 'batch-create', when: 'after', times: 1 } as const satisfies Fault;
export const batches = ways[1];
