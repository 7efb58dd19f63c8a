import { EventEmitter, once } from 'node:events';
import type { Readable } from 'node:stream';

/** How a process ended: its exit code, or the signal that it died of. */
export type Ending = [code: number | null, signal: NodeJS.Signals | null];

/** A script that runs as a process of its own. */
export class Script {
  /** Settles when it has ended and all it said has been read. */
  readonly ended: Promise<Ending>;
  #output = '';
  #endedAt: number | undefined;
  readonly #changes = new EventEmitter();

  constructor(streams: readonly (Readable | null)[], ended: Promise<{ ending: Ending; at: number }>) {
    for (const stream of streams) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
        this.#changes.emit('change');
      });
    }
    this.ended = ended.then(({ ending, at }) => {
      this.#endedAt = at;
      this.#changes.emit('change');
      return ending;
    });
    this.ended.catch(() => undefined);
  }

  /** Its output so far: stdout and stderr, in a terminal also the echo of the keys. */
  get output(): string {
    return this.#output;
  }

  /** When it ended, in ms since the epoch. */
  get endedAt(): number {
    if (this.#endedAt === undefined) throw new Error('It has not ended.');
    return this.#endedAt;
  }

  /** Resolves to the first match in what it says; rejects when it ends without having said that. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#output);
      if (match !== null) return match;
      if (this.#endedAt !== undefined) throw new Error(`It ended without saying ${pattern}, but:\n${this.#output}`);
      await once(this.#changes, 'change');
    }
  }

  /** The value that a fixture `say()`s under this name. */
  async value(name: string): Promise<unknown> {
    const [, json = ''] = await this.says(new RegExp(`@${name} (.*?)\\r?\\n`));
    return JSON.parse(json) as unknown;
  }

  /** The process id of the fixture, however many wrappers there are around it. */
  async pid(): Promise<number> {
    return (await this.value('pid')) as number;
  }
}

/** Returns the lines that the library printed. */
export function linesOf({ output }: Script): string[] {
  return [...output.matchAll(/^(?:\^C)?genai-cancel: (.*?)\r?$/gm)].map(([, line = '']) => line);
}
