import { systemClock, type Clock } from '../util/clock.js';

/** The reason why a delivery is not taken, and the status of the answer. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** One call of the webhook, its time in seconds. Nothing in it is verified yet, but the time. */
export type Delivery = Awaited<ReturnType<typeof readDelivery>>;

const MAX_BYTES = 2 ** 20;
export const TOLERANCE_S = 300;

/** Reads a delivery. Rejects with a `Refusal` for one that is none, comes too late or too early, or is too large. */
export async function readDelivery(request: Request, clock: Clock) {
  const { method, headers } = request;
  if (method !== 'POST') throw new Refusal(405, 'Expected a POST.');
  const type = headers.get('content-type') ?? 'application/json';
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) throw new Refusal(415, 'Expected JSON.');
  const [id, signature, time] = ['id', 'signature', 'timestamp'].map((name) => headers.get(`webhook-${name}`));
  const timestamp = /^\d{1,12}$/.test(time ?? '') ? Number(time) : NaN;
  if (!id || !signature || Number.isNaN(timestamp))
    throw new Refusal(400, 'Expected the headers webhook-id, webhook-timestamp and webhook-signature.');
  // A sender in a test may keep the real time where the library has a clock of its own.
  const now = [clock, systemClock].map((one) => one.now()).find((at) => isRecent(timestamp, at));
  if (now === undefined) throw new Refusal(401, 'The timestamp is more than five minutes off.');
  return { id, timestamp, signature, body: await readBody(request), now };
}

export function isRecent(seconds: number, now: number): boolean {
  return Math.abs(Math.floor(now / 1000) - seconds) <= TOLERANCE_S;
}

/** Reads no more than the limit, whatever the length that is announced. */
async function readBody({ body }: Request): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const pieces: AsyncIterable<Uint8Array> | readonly Uint8Array[] = body ?? [];
  let [text, bytes] = ['', 0];
  try {
    for await (const piece of pieces) {
      bytes += piece.byteLength;
      if (bytes > MAX_BYTES) throw new Refusal(413, `Expected at most ${MAX_BYTES} bytes.`);
      text += decoder.decode(piece, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal(400, 'Expected a body in UTF-8 that was not read before.');
  }
}
