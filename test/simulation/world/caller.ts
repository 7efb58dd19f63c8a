import fc, { type Arbitrary } from 'fast-check';
import type { Operation } from '../../../src/api/handle.js';
import type { OperationOptions } from '../../../src/api/options.js';
import { keyOf } from './keys.js';
import type { SimulatedProcess } from './process.js';
import type { Simulation } from './simulation.js';

/** The behaviour of a caller's `onImage`. `slowly`: it resolves later. */
export type OnImage = 'none' | 'takes' | 'takes slowly' | 'rejects' | 'throws' | 'never answers';

/** How a caller takes the images of an operation. */
export interface Caller {
  readonly onImage: OnImage;
  /** How long an `onImage` that is slow takes. */
  readonly takesMs: number;
  /** It has an `image` listener. */
  readonly listens: boolean;
  /** It iterates over `events()`. */
  readonly iterates: boolean;
  /** It waits for `result()`. */
  readonly asks: boolean;
}

/** One call of an `onImage`. */
export interface Receipt {
  readonly operation: Operation;
  readonly key: string;
  readonly index: number;
  readonly seq: number;
  readonly at: number;
  /** How its promise settled, and when. */
  settled?: { readonly seq: number; readonly at: number; readonly isTaken: boolean };
}

/** It waits for everything. */
export const attentive: Caller = { onImage: 'none', takesMs: 0, listens: true, iterates: true, asks: true };

const onImage = fc.constantFrom<OnImage[]>(
  ...(['none', 'none', 'none', 'takes', 'takes', 'takes slowly', 'takes slowly'] as const),
  ...(['rejects', 'throws', 'never answers'] as const),
);

export const caller: Arbitrary<Caller> = fc
  .record({
    onImage,
    takesMs: fc.constantFrom(100, 1_000, 6_000, 25_000),
    listens: fc.boolean(),
    iterates: fc.boolean(),
    asks: fc.boolean(),
  })
  .chain((one) => fc.constantFrom(one, { ...one, listens: true, iterates: true, asks: true }));

/** Makes the `onImage` of a caller, which notes each call. */
export function receiverOf(
  simulation: Simulation,
  process: SimulatedProcess,
  { onImage, takesMs }: Pick<Caller, 'onImage' | 'takesMs'>,
): OperationOptions['onImage'] {
  if (onImage === 'none') return undefined;
  return (image, index, operation) => {
    if (process.life.state === 'dead') return new Promise(() => undefined);
    const { seq, at } = simulation.moment();
    const receipt: Receipt = { operation, key: keyOf(image), index, seq, at };
    simulation.receipts.push(receipt);
    simulation.note(() => `${process.pid}: onImage ${index} ${onImage}`);
    simulation.tally.count('onImage', onImage);
    const settle = (isTaken: boolean): void => {
      const { seq, at } = simulation.moment();
      receipt.settled = { seq, at, isTaken };
    };
    return answer(process, onImage, takesMs, settle);
  };
}

function answer(
  { life }: SimulatedProcess,
  onImage: OnImage,
  takesMs: number,
  settle: (isTaken: boolean) => void,
): void | Promise<void> {
  if (onImage === 'never answers') return new Promise(() => undefined);
  if (onImage === 'takes slowly') {
    return new Promise((resolve) => {
      life.clock().setTimeout(() => {
        settle(true);
        resolve();
      }, takesMs);
    });
  }
  settle(onImage === 'takes');
  if (onImage === 'takes') return undefined;
  const error = new Error('The disk is full.');
  if (onImage === 'throws') throw error;
  return Promise.reject(error);
}
