/**
 * Returns a `fetch` for the client, so that a cancel call need not open a connection first. Under Node it keeps the connections
 * on which jobs were created, and obeys `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. Other runtimes keep connections by themselves.
 * @example
 * ```ts
 * const ai = new GoogleGenAI({ apiKey, httpOptions: { fetch: warmFetch() } });
 * ```
 */
export function warmFetch(): typeof fetch {
  return (input, init) => (init === undefined ? fetch(input) : fetch(input, init));
}
