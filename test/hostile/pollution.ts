import { afterEach, beforeEach, expect } from 'vitest';

const prototypes: readonly object[] = [Object, Array, String, Number, Function, Promise, Error, Map, Set].map(
  ({ prototype }) => prototype as object,
);

/** Tests fail that leave anything on the prototypes of the language, or a rejection that nobody has dealt with. */
export function watchTheRealm(): void {
  let before: unknown;
  const stray: unknown[] = [];
  const note = (error: unknown): void => void stray.push(error);
  beforeEach(() => {
    before = prototypes.map(describeOwn);
    process.on('unhandledRejection', note);
    process.on('uncaughtException', note);
  });
  afterEach(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    process.off('uncaughtException', note);
    expect(prototypes.map(describeOwn)).toEqual(before);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(stray.splice(0)).toEqual([]);
  });
}

function describeOwn(prototype: object): readonly string[] {
  return Reflect.ownKeys(prototype).map(String);
}
