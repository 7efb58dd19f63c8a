import { fstatSync, writeSync } from 'node:fs';
import { codeOf } from '../node/journal/folder.js';
import type { Writable } from './surroundings.js';

const RETRY_MS = 10;

/** The time that a reader has at the end of the process. */
const FLUSH_MS = 2_000;

/**
 * Writes to a pipe line by line. A stream of Node keeps what the pipe does not take and loses it, in the middle of a line,
 * when a signal ends the process; a blocking pipe would hold the cancels up.
 */
function pipeWriter(fd: number): Writable {
  const queue: Buffer[] = [];
  let timer: NodeJS.Timeout | undefined;
  /** Returns whether the reader has to catch up. */
  const pump = (): boolean => {
    clearTimeout(timer);
    for (let [next] = queue; next !== undefined; [next] = queue) {
      const count = offer(fd, next);
      if (count === next.length) queue.shift();
      else queue[0] = next.subarray(count);
      if (count > 0) continue;
      timer = setTimeout(pump, RETRY_MS);
      return true;
    }
    return false;
  };
  return {
    write: (text) => {
      queue.push(Buffer.from(text));
      pump();
    },
    flush: () => {
      const deadline = Date.now() + FLUSH_MS;
      const sleeper = new Int32Array(new SharedArrayBuffer(4));
      while (pump() && Date.now() < deadline) Atomics.wait(sleeper, 0, 0, RETRY_MS);
    },
  };
}

/** A reader that is gone takes everything. */
function offer(fd: number, bytes: Buffer): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    return codeOf(error) === 'EAGAIN' ? 0 : bytes.length;
  }
}

/** Chooses how to write results: to a terminal or a file the stream does it in one piece. */
export function lineWriterOf(stream: NodeJS.WriteStream & { fd: number }): Writable {
  try {
    const stats = fstatSync(stream.fd);
    return stats.isFIFO() || stats.isSocket() ? pipeWriter(stream.fd) : stream;
  } catch {
    return stream;
  }
}
