import { describe, expect, it } from 'vitest';
import { lighthouse, resolution, setup } from '../support/setup.js';

const refused = { background: 'refused' } as const;

describe('#76 creates to a server that refuses the background', () => {
  it.each([
    [undefined, 8],
    [1, 1],
    [3, 3],
  ])(
    '#76 creates to a server that refuses the background: with maxConcurrency %s at most %i of 12',
    async (maxConcurrency, most) => {
      const { clock, emulator, images } = setup({ emulator: refused });
      const request = { ...lighthouse, config: { numberOfImages: 12 } };
      const options = maxConcurrency === undefined ? {} : { maxConcurrency };
      const make = async (): Promise<void> => {
        const operation = images.start(request, options);
        operation.on('warning', () => undefined);
        expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(12);
      };
      await make();
      expect(emulator.meter.requestsTo('create').length).toBeLessThanOrEqual(most);
      expect(emulator.meter.requestsTo('generateContent')).toHaveLength(12);
      // The client remembers it.
      const { length } = emulator.meter.requestsTo('create');
      await make();
      expect(emulator.meter.requestsTo('create')).toHaveLength(length);
    },
  );
});
