import fc from 'fast-check';
import { beforeEach, describe, it, vi } from 'vitest';
import { arena, endOf } from './arena.js';
import { spoiling, wrongInside } from './arbitraries/answer.js';
import { expectSound } from './invariants.js';
import { watchTheRealm } from './pollution.js';
import { PROPERTY_TIMEOUT_MS, runs } from './property.js';
import { PROMPT } from './secrets.js';
import { cancelAfterMs, tricksOn } from './tricks.js';

const hosts = [
  { host: 'the Gemini API', model: 'gemini-3.1-flash-image', vertex: false, route: 'generateContent' },
  { host: 'Vertex', model: 'gemini-3.1-flash-image', vertex: true, route: 'generateContent' },
  { host: 'Imagen on Vertex', model: 'imagen-4.0-generate-001', vertex: true, route: 'predict' },
] as const;

describe.each(hosts)('fire and forget, $host', ({ model, vertex, route }) => {
  watchTheRealm();
  beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => undefined));

  it(
    'survives whatever its requests are answered',
    () =>
      fc.assert(
        fc.asyncProperty(
          tricksOn([route], fc.oneof(spoiling, wrongInside)),
          cancelAfterMs,
          async (tricks, cancelAfter) => {
            const world = arena(tricks, { vertex, client: { backend: 'models' } });
            const operation = world.images.start({ model, prompt: PROMPT, config: { numberOfImages: 2 } });
            expectSound(world, await endOf(world, operation, cancelAfter));
          },
        ),
        runs(80),
      ),
    PROPERTY_TIMEOUT_MS,
  );
});
