import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lighthouse, settle, setup } from '../support/setup.js';
import { worlds } from './support.js';

const warnings: string[] = [];
const note = ({ name }: Error): void => void warnings.push(name);

beforeEach(() => {
  warnings.length = 0;
  process.on('warning', note);
});
afterEach(() => void process.off('warning', note));

const cases = Object.keys(worlds).flatMap((world) =>
  ['to the end', 'cancelled'].map((how) => ({ world: world as keyof typeof worlds, how })),
);

describe('#77 many images of one operation', () => {
  it.each(cases)(
    '#77 many images of one operation: no warning about listeners, world $world, $how',
    async ({ world, how }) => {
      const { clock, images } = setup({ emulator: worlds[world] });
      const controller = new AbortController();
      const config = { numberOfImages: 40, abortSignal: controller.signal };
      const operation = images.start({ ...lighthouse, config }, { maxConcurrency: 40 });
      operation.on('warning', () => undefined);
      const result = operation.result();
      await clock.advance(1_000);
      if (how === 'cancelled') controller.abort();
      await settle(clock, result);
      // Node tells of warnings one turn later.
      await new Promise((resolve) => setImmediate(resolve));
      expect(warnings).toEqual([]);
    },
  );
});
