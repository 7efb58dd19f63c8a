import * as nodeFiles from 'node:fs';
import type { Files } from '../../../src/node/journal/folder.js';

/** `node:fs`, with something that happens between two calls, as if another process had done it. */
export interface Interruptible {
  readonly files: Files;
  /** Counts calls from here on, and acts just before the one with this index. */
  readonly interrupt: (index: number, act: () => void) => void;
}

export function createInterruptible(): Interruptible {
  let calls = 0;
  let at = -1;
  let act = (): void => undefined;
  const files = new Proxy<Files>(nodeFiles, {
    get: (target, name: keyof Files) => {
      const call = target[name] as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        if (calls++ === at) act();
        return call(...args);
      };
    },
  });
  return {
    files,
    interrupt: (index, then) => {
      calls = 0;
      at = index;
      act = then;
    },
  };
}
