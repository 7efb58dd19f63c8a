import type { Operation, OperationOptions } from '../../src/index.js';
import type { Fault, Route } from '../../src/testing/index.js';
import { lighthouse, setup, type Setup } from '../support/setup.js';

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

/** The answer to the create of a batch is lost; the server has it. */
export const lostBatch = { kind: 'reset', route: 'batch-create', when: 'after', times: 1 } as const satisfies Fault;
export const batches = ways[1];
