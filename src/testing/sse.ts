const encoder = new TextEncoder();

/** One server-sent event. */
export const sseFrame = (event: string, data: string): Uint8Array =>
  encoder.encode(`event: ${event}\ndata: ${data}\n\n`);

/** One event without a name. */
export const sseData = (data: unknown): string => `data: ${JSON.stringify(data)}\r\n\r\n`;

/**
 * A body that others write to. It is read one piece at a time, and its end, or its error, comes after the last piece:
 * `controller.error()` would throw away what has not been read yet.
 */
export class PushBody {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #pieces: Uint8Array[] = [];
  #finish: ((controller: ReadableStreamDefaultController<Uint8Array>) => void) | undefined;
  #wake: (() => void) | undefined;

  /** `onCancel` is called when the reader drops the body. */
  constructor(onCancel: () => void) {
    this.stream = new ReadableStream<Uint8Array>(
      { pull: (controller) => this.#pull(controller), cancel: onCancel },
      { highWaterMark: 0 },
    );
  }

  push(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#wake?.();
  }

  end(): void {
    this.#finish ??= (controller) => controller.close();
    this.#wake?.();
  }

  /** Breaks the body, as a lost connection does. */
  fail(): void {
    this.#finish ??= (controller) => controller.error(resetError());
    this.#wake?.();
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    while (this.#pieces.length === 0 && this.#finish === undefined) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const piece = this.#pieces.shift();
    if (piece !== undefined) controller.enqueue(piece);
    else this.#finish?.(controller);
  }
}

/** Makes the error that Node has for a lost connection. */
export const resetError = (): Error =>
  Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', errno: -104, syscall: 'read' });
