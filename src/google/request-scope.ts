/** The part of undici's dispatchers, which are behind Node's `fetch`, that is used. */
export interface Dispatcher {
  dispatch(options: object, handler: unknown): boolean;
}

/** Returns the dispatcher of all `fetch` calls; `undefined` before the first one, and where the runtime is not Node. */
export function globalDispatcher(): Dispatcher | undefined {
  return (globalThis as Record<symbol, Dispatcher | undefined>)[Symbol.for('undici.globalDispatcher.1')];
}

/** What a runtime does around a request, so that it can tell whose request its transport has. */
export interface RequestScope {
  /** Runs code that gives a request to the transport in this turn. */
  run<T>(work: () => T): T;
  /** Runs code that may do so in a later turn. */
  runAsync<T>(work: () => T): T;
}

/** The scope of the code that runs in this turn. */
export const inTurn: { scope: RequestScope | undefined } = { scope: undefined };

/** Those `fetch` functions that keep the scope of the turn in which they are called. */
export const keepers = new WeakSet<typeof fetch>();

/** Returns how to run code in the scope of this turn, in a later one. */
export function keepScope(): (work: () => boolean) => boolean {
  const { scope } = inTurn;
  if (scope === undefined) return (work) => work();
  // A dispatcher of the application's own may take its time.
  return (work) => (isBuiltIn(globalDispatcher()) ? scope.run(work) : scope.runAsync(work));
}

/** Whether it is undici's own, and not a proxy or a mock of the application's. */
export const isBuiltIn = (shared: Dispatcher | undefined): boolean => shared?.constructor.name === 'Agent';

/** Lifts undici's own time limits, as the SDK does where no `fetch` is given: an image can take longer. */
export const patientFetch: typeof fetch = (input, init) => {
  const shared = globalDispatcher();
  if (shared === undefined) return init === undefined ? fetch(input) : fetch(input, init);
  const inScope = keepScope();
  const dispatch: Dispatcher['dispatch'] = (options, handler) =>
    inScope(() => shared.dispatch({ ...options, headersTimeout: 0, bodyTimeout: 0 }, handler));
  return fetch(input, Object.assign({}, init, { dispatcher: { dispatch } }));
};
keepers.add(patientFetch);
