import { fstatSync, writeSync } from 'node:fs';
import { format } from 'node:util';
import { COMMAND } from '../api/commands.js';
import { codeOf } from '../node/journal/folder.js';
import type { Delivery } from './folder.js';
import type { Screen, Surroundings } from './surroundings.js';

export type Setting = Surroundings & { readonly output: Output };

const CLEAR_LINE = '\u001b[2K';
const CLEAR_BELOW = '\u001b[0J';

/** Characters that drive a terminal, or turn the direction of a text around to make it look like another. */
const driving = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

const MIN_COLUMNS = 20;
const DEFAULT_COLUMNS = 80;

/** The only way to stdout and stderr. It takes what drives a terminal out of every text: that may come from anywhere. */
export class Output {
  readonly #surroundings: Surroundings;
  readonly #label: string;
  #drawn: string | undefined;

  constructor(surroundings: Surroundings, label = '') {
    this.#surroundings = surroundings;
    this.#label = label;
  }

  labelled(label: string): Output {
    return new Output(this.#surroundings, `${label}  `);
  }

  result(text: string): void {
    this.draw(undefined);
    this.#surroundings.stdout.write(`${harmless(text)}\n`);
  }

  json(value: unknown, deliveries: Iterable<Delivery> = []): void {
    this.#surroundings.stdout.write(`${toJson(value, deliveries)}\n`);
  }

  /** Writes one line of a table, cut where the terminal ends. */
  row(text: string): void {
    const { isTTY, columns = 0 } = this.#surroundings.stdout;
    const line = harmless(text);
    this.result(isTTY === true && columns > 0 && line.length > columns ? `${line.slice(0, columns - 1)}…` : line);
  }

  /** Writes a text for people to stdout. */
  tell(text: string): void {
    for (const line of fit(text, this.#surroundings.stdout)) this.result(line);
  }

  say(text: string): void {
    this.draw(undefined);
    const { stderr } = this.#surroundings;
    // A terminal has echoed the keys, such as ^C.
    const start = this.canRedraw ? `\r${CLEAR_LINE}` : '';
    for (const line of fit(`${this.#label}${text}`, stderr)) stderr.write(`${start}${harmless(line)}\n`);
  }

  /** Draws a line over the one that was drawn last, or takes that away. What is written next takes its place. */
  draw(text: string | undefined): void {
    if (text === this.#drawn) return;
    const { stderr } = this.#surroundings;
    const start = this.#drawn === undefined ? '' : '\u001b[1A\r';
    // A line that wraps would make the next one start at the wrong place.
    const line = text === undefined ? '' : `${CLEAR_LINE}${harmless(text.slice(0, widthOf(stderr) - 1))}\n`;
    // In one piece: nothing flickers. The cursor is left below.
    stderr.write(`${start}${line}${CLEAR_BELOW}`);
    this.#drawn = text;
  }

  /** Whether a line can be redrawn. */
  get canRedraw(): boolean {
    const { stderr, env } = this.#surroundings;
    const { isTTY, columns = 0, rows = 0 } = stderr;
    const isCi = !['', 'false', '0'].includes(env['CI'] ?? '');
    if (isTTY !== true || isCi || env['TERM'] === 'dumb') return false;
    return (columns === 0 || columns >= MIN_COLUMNS) && rows !== 1;
  }

  /** Waits until the reader of stdout has all of it: a signal may end the process right after. */
  flush(): void {
    this.#surroundings.stdout.catchUp?.();
  }
}

const widthOf = ({ columns = 0 }: Screen): number => (columns === 0 ? DEFAULT_COLUMNS : columns);

/** A command with its argument and its options. */
const COMMAND_LINE = new RegExp(`(${COMMAND} \\S+(?: (?:"[^"]*"|'[^']*'|[^\\s-]\\S*))?(?: -\\S+(?: [^\\s-]\\S*)?)*)`);

/** Breaks a text at its words on a terminal. A command stays whole, on a line of its own: it is there to be copied. */
function fit(text: string, screen: Screen): readonly string[] {
  if (screen.isTTY !== true) return [text];
  const parts = harmless(text).split(COMMAND_LINE);
  return parts.flatMap((part, index) => {
    if (index % 2 === 1) return part;
    return part.trim() === '' ? [] : wrap(part.trim(), widthOf(screen));
  });
}

/** Breaks a text into lines at its spaces. A word that is longer than a line stays whole. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`;
    if (lines.length > 0 && longer.length <= columns) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** Guards what the library, the SDK and Node itself say by the console, too. On stdout there are results only. */
export function guardConsole(output: Output): void {
  for (const method of ['log', 'info', 'debug', 'warn', 'error'] as const) {
    console[method] = (...parts: unknown[]) =>
      format(...parts)
        .split('\n')
        .forEach((line) => output.say(line));
  }
}

const harmless = (text: string): string => text.replace(new RegExp(`${driving.source}+`, 'gu'), ' ').trimEnd();

/** Does the work of `JSON.stringify`, without the bytes of images, and with errors that say something. */
function toJson(value: unknown, deliveries: Iterable<Delivery>): string {
  const written = [...deliveries].filter(({ left }) => left !== true);
  const places = new Map(written.map((delivery) => [delivery.image as unknown, delivery]));
  const text = JSON.stringify(value, (key, part: unknown) => {
    const delivery = places.get(part);
    if (delivery !== undefined) {
      const { image, path, address, problem, job, note } = delivery;
      return { mimeType: image.mimeType, path, gcsUri: address, problem, job, note };
    }
    if (key === 'imageBytes') return undefined;
    return part instanceof Error ? { name: part.name, message: part.message } : part;
  });
  return text.replace(driving, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const RETRY_MS = 10;

/** The time that a reader has at the end of the process. */
const FLUSH_MS = 2_000;

/**
 * Writes to a pipe line by line. A stream of Node keeps what the pipe does not take and loses it, in the middle of a line,
 * when a signal ends the process; a blocking pipe would hold the cancels up.
 */
function pipeWriter(fd: number): Screen {
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
    catchUp: () => {
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
export function lineWriterOf(stream: NodeJS.WriteStream & { fd: number }): Screen {
  try {
    const stats = fstatSync(stream.fd);
    return stats.isFIFO() || stats.isSocket() ? pipeWriter(stream.fd) : stream;
  } catch {
    return stream;
  }
}
