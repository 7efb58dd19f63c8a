import { matchRoute, type Route } from '../../src/testing/routes.js';

/** An answer as it was served. `text` is what had been sent of it when it was looked at. */
export interface Served {
  readonly route: Route;
  readonly status: number;
  readonly contentType: string;
  readonly text: () => string;
}

/** Makes something else of the answers of a route: those from number `skip` on, `times` of them. */
export interface Trick {
  readonly route: Route;
  readonly skip: number;
  readonly times: number;
  readonly play: (truth: Response) => Response | Promise<Response>;
}

/** A server whose answers are played with on their way. */
export class HostileServer {
  readonly served: Served[] = [];
  readonly #fetch: typeof fetch;
  readonly #tricks: readonly Trick[];
  readonly #seen = new Map<Trick, number>();

  constructor(fetch: typeof globalThis.fetch, tricks: readonly Trick[]) {
    this.#fetch = fetch;
    this.#tricks = tricks;
  }

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const { route } = matchRoute(request.method, new URL(request.url));
    const truth = await this.#fetch(request);
    const trick = this.#tricks.filter((one) => one.route === route).find((one) => this.#isDue(one));
    return this.#taped(route, trick === undefined ? truth : await trick.play(truth));
  };

  /** Returns the texts that were served on these routes. */
  texts(...routes: readonly Route[]): readonly string[] {
    return this.served.filter(({ route }) => routes.includes(route)).map(({ text }) => text());
  }

  #isDue(trick: Trick): boolean {
    const seen = this.#seen.get(trick) ?? 0;
    this.#seen.set(trick, seen + 1);
    return seen >= trick.skip && seen < trick.skip + trick.times;
  }

  #taped(route: Route, response: Response): Response {
    const { status, headers, body } = response;
    const contentType = headers.get('content-type') ?? '';
    const decoder = new TextDecoder();
    let text = '';
    this.served.push({ route, status, contentType, text: () => text });
    if (body === null) return response;
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    const tape = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const { done, value } = await reader.read();
          if (value !== undefined && text.length < 1_000_000) text += decoder.decode(value, { stream: true });
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: (reason) => reader.cancel(reason),
      },
      { highWaterMark: 0 },
    );
    return new Response(tape, { status, headers });
  }
}
