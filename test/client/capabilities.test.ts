import { describe, expect, it } from 'vitest';
import { capabilitiesOf } from '../../src/client/capabilities.js';
import { ModelMemory } from '../../src/client/capabilities.js';

const model = 'gemini-3.1-flash-image';

describe('capabilitiesOf()', () => {
  it.each(['', '  ', undefined, 7])('refuses %o', (given) => {
    expect(() => capabilitiesOf(given as string, new ModelMemory())).toThrow(
      'Expected `model` to be a string that is not empty',
    );
  });

  it('knows nothing before the first use', () => {
    expect(capabilitiesOf(model, new ModelMemory())).toStrictEqual({
      cancelable: 'unknown',
      known: 'unknown',
      basis:
        'Google does not document whether image models run in the background. A confirmed cancel or a refusal tells.',
    });
  });

  it.each([
    ['imagen-4.0-generate-001', 'gemini-3.1-flash-image'],
    ['gemini-3-pro-image-preview', 'gemini-3-pro-image'],
  ])('knows that %s was shut down, and where that is documented', (retired, replacement) => {
    expect(capabilitiesOf(retired, new ModelMemory())).toStrictEqual({
      cancelable: 'no',
      known: 'documented',
      basis: `Google has shut it down, and names ${replacement} in its place.`,
      source: 'https://ai.google.dev/gemini-api/docs/deprecations',
    });
  });

  it('remembers of each model what was observed, and when: a refusal outweighs a confirmed cancel', () => {
    const memory = new ModelMemory();
    memory.observe(model, 'cancel-confirmed', 7);
    expect(capabilitiesOf(model, memory)).toStrictEqual({
      cancelable: 'yes',
      known: 'observed',
      basis: 'The server has confirmed a cancel for this client.',
      observedAt: 7,
    });
    memory.observe(model, 'background-refused', 9);
    memory.observe(model, 'cancel-confirmed', 10);
    expect(capabilitiesOf(model, memory)).toStrictEqual({
      cancelable: 'no',
      known: 'observed',
      basis: 'Seen here: the server does not run it in the background.',
      observedAt: 9,
    });
    expect(capabilitiesOf('another', memory)).toMatchObject({ cancelable: 'unknown' });
  });
});
