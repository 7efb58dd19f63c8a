/** Node, Bun and Deno call this method of an object when they print it. */
export const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** `util.inspect`, as it is given to that method. */
export type Inspect = (value: unknown, options: object) => string;
