const encoder = new TextEncoder();

export const sseFrame = (event: string, data: string): Uint8Array =>
  encoder.encode(`event: ${event}\ndata: ${data}\n\n`);

export const sseData = (data: unknown): string => `data: ${JSON.stringify(data)}\r\n\r\n`;

type Controller = ReadableStreamDefaultController<Uint8Array>;

/** A body that others write to. Its end, or error, comes last: `controller.error()` drops what has not been read. */
export class PushBody {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #steps: ((controller: Controller) => void)[] = [];
  #wake: (() => void) | undefined;

  constructor(onCancel: () => void) {
    const pull = (controller: Controller): Promise<void> => this.#pull(controller);
    this.stream = new ReadableStream<Uint8Array>({ pull, cancel: onCancel }, { highWaterMark: 0 });
  }

  push(piece: Uint8Array): void {
    this.#add((controller) => controller.enqueue(piece));
  }

  /** Ends the body, or breaks it as a lost connection does. */
  end(isReset = false): void {
    this.#add((controller) => (isReset ? controller.error(resetError()) : controller.close()));
  }

  #add(step: (controller: Controller) => void): void {
    this.#steps.push(step);
    this.#wake?.();
  }

  async #pull(controller: Controller): Promise<void> {
    while (this.#steps.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#steps.shift()?.(controller);
  }
}

/** Makes the error that Node has for a lost connection. */
export const resetError = (): Error =>
  Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', errno: -104, syscall: 'read' });
