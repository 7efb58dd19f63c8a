import { TestRunner } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** Why a test is left out here; `npm run test:matrix` prints it. */
    leftOut?: string;
  }
}

export type RuntimeName = 'Node' | 'Bun' | 'Deno' | 'Chromium';

/** The runtime of the tests, found by its own globals: Bun and Deno have Node's `process` as well. */
export const runtime = await identify();

interface Globals {
  readonly Bun?: { readonly version: string };
  readonly Deno?: { readonly version: { readonly deno: string } };
  readonly navigator?: {
    readonly userAgentData?: {
      getHighEntropyValues(
        names: readonly string[],
      ): Promise<{ fullVersionList?: { brand: string; version: string }[] }>;
    };
  };
}

async function identify(): Promise<{ readonly name: RuntimeName; readonly version: string }> {
  const { Bun, Deno, navigator } = globalThis as Globals;
  if (Bun !== undefined) return { name: 'Bun', version: Bun.version };
  if (Deno !== undefined) return { name: 'Deno', version: Deno.version.deno };
  const brands = await navigator?.userAgentData?.getHighEntropyValues(['fullVersionList']);
  const chromium = brands?.fullVersionList?.find(({ brand }) => brand === 'Chromium');
  if (chromium !== undefined) return { name: 'Chromium', version: chromium.version };
  return { name: 'Node', version: process.versions.node };
}

/** Options of a test, or of a group of them: where there is a reason, it is left out, and the reason is told. */
export function leftOut(reason: string | undefined): { skip?: boolean; meta?: { leftOut: string } } {
  return reason === undefined ? {} : { skip: true, meta: { leftOut: reason } };
}

/** Options of a test that cannot pass on some runtimes, through no fault of the library. */
export function leftOutOn(reasons: Partial<Record<RuntimeName, string>>): ReturnType<typeof leftOut> {
  return leftOut(reasons[runtime.name]);
}

/** Leaves out the test that runs. */
export function leaveOut(reason: string): never {
  const test = TestRunner.getCurrentTest();
  if (test === undefined) throw new Error(`Outside of a test: ${reason}`);
  test.meta.leftOut = reason;
  return test.context.skip(reason);
}

export const BROKEN_BODY = 'Chromium says `Failed to fetch` of any body that breaks, whatever the reason.';
