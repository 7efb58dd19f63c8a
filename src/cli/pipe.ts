import { fstatSync, writeSync } from 'node:fs';
import type { Writable } from './surroundings.js';

const RETRY_MS = 10;

/** The time that a reader has at the end of the process. */
const FLUSH_MS = 2_000;

/**
 * Writes to a pipe line by line. A stream of Node keeps what the pipe does not take and loses it, in the middle of a line,
 * when a signal ends the process; a blocking pipe would hold the cancels up.
 */
export class PipeWriter implements Writable {
  readonly #fd: number;
  readonly #queue: Buffer[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(text: string): void {
    this.#queue.push(Buffer.from(text));
    this.#pump();
  }

  flush(): void {
    const deadline = Date.now() + FLUSH_MS;
    while (this.#pump() && Date.now() < deadline) sleep(RETRY_MS);
  }

  /** Returns whether the reader has to catch up. */
  #pump(): boolean {
    clearTimeout(this.#timer);
    for (let [next] = this.#queue; next !== undefined; [next] = this.#queue) {
      const count = this.#offer(next);
      if (count === next.length) this.#queue.shift();
      else this.#queue[0] = next.subarray(count);
      if (count === 0) {
        this.#timer = setTimeout(() => void this.#pump(), RETRY_MS);
        return true;
      }
    }
    return false;
  }

  /** A reader that is gone takes everything. */
  #offer(bytes: Buffer): number {
    try {
      return writeSync(this.#fd, bytes);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : bytes.length;
    }
  }
}

/** Chooses how to write results: to a terminal or a file the stream does it in one piece. */
export function lineWriterOf(stream: NodeJS.WriteStream & { fd: number }): Writable {
  return isPipe(stream.fd) ? new PipeWriter(stream.fd) : stream;
}

function isPipe(fd: number): boolean {
  try {
    const stats = fstatSync(fd);
    return stats.isFIFO() || stats.isSocket();
  } catch {
    return false;
  }
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
