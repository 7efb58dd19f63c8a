interface Collectors {
  readonly gc?: () => void;
  readonly Bun?: { gc(isSynchronous: boolean): void };
}

/** Collects what nothing refers to, now. */
export const collectGarbage: () => void = await collector();

async function collector(): Promise<() => void> {
  const { gc, Bun } = globalThis as Collectors;
  if (gc !== undefined) return gc;
  if (Bun !== undefined) return () => Bun.gc(true);
  const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([import('node:v8'), import('node:vm')]);
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
