/** The part of undici's dispatchers, which are behind Node's `fetch`, that is used. */
export interface Dispatcher {
  dispatch(options: object, handler: unknown): boolean;
}

/** Returns the dispatcher of all `fetch` calls; `undefined` before the first one, and where the runtime is not Node. */
export function globalDispatcher(): Dispatcher | undefined {
  return (globalThis as Record<symbol, Dispatcher | undefined>)[Symbol.for('undici.globalDispatcher.1')];
}

/** The caller of one request. The runtime looks for it when its transport gets a request. */
export interface RequestScope {
  /** Runs code that gives the request to the transport in this turn. */
  run<T>(work: () => T): T;
  /** Runs code that may do so in a later turn. */
  runAsync<T>(work: () => T): T;
}

/** The caller for which code runs in this turn. */
export const inTurn: { scope: RequestScope | undefined } = { scope: undefined };

/** The `fetch` functions of the library. Each passes its request on for the caller of the turn in which it is called. */
export const scopedFetches = new WeakSet<typeof fetch>();

/** Returns a function that passes a request to a dispatcher in a later turn, for the caller of this one. */
export function keepScope(): (dispatcher: Dispatcher, options: object, handler: unknown) => boolean {
  const { scope } = inTurn;
  return (dispatcher, options, handler) => {
    const work = (): boolean => dispatcher.dispatch(options, handler);
    if (scope === undefined) return work();
    // A dispatcher of the application may wait before it takes the request.
    return isBuiltIn(dispatcher) ? scope.run(work) : scope.runAsync(work);
  };
}

/** Whether it is undici's own, and not a proxy or a mock of the application's. */
export const isBuiltIn = ({ constructor }: Dispatcher): boolean => constructor.name === 'Agent';

/** Lifts undici's own time limits, as the SDK does where no `fetch` is given: an image can take longer. */
export const patientFetch: typeof fetch = (input, init) => {
  const shared = globalDispatcher();
  if (shared === undefined) return init === undefined ? fetch(input) : fetch(input, init);
  const passOn = keepScope();
  const dispatch: Dispatcher['dispatch'] = (options, handler) =>
    passOn(shared, { ...options, headersTimeout: 0, bodyTimeout: 0 }, handler);
  return fetch(input, Object.assign({}, init, { dispatcher: { dispatch } }));
};
scopedFetches.add(patientFetch);
