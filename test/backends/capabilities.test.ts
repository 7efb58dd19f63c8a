import { describe, expect, it } from 'vitest';
import { capabilitiesOf } from '../../src/backends/capabilities.js';
import { ModelMemory } from '../../src/backends/model-memory.js';

const model = 'gemini-3.1-flash-image';
const unknown = {
  model,
  cancelable: 'unknown',
  known: 'unknown',
  basis: 'Google documents neither way whether image models run in the background; the first use tells.',
};

describe('capabilitiesOf()', () => {
  it.each(['', '  ', undefined, 7])('refuses %o', (given) => {
    expect(() => capabilitiesOf(given as string, false, new ModelMemory())).toThrow(
      'Expected `model` to be a string that is not empty',
    );
  });

  it('knows nothing before the first use', () => {
    expect(capabilitiesOf(model, false, new ModelMemory())).toEqual(unknown);
  });

  it('names what Google names in the place of a model that was shut down', () => {
    expect(capabilitiesOf('imagen-4.0-generate-001', false, new ModelMemory())).toEqual({
      model: 'imagen-4.0-generate-001',
      cancelable: false,
      known: 'documented',
      basis: 'Google has shut it down, and names gemini-3.1-flash-image in its place.',
      replacement: 'gemini-3.1-flash-image',
    });
  });

  it('knows that Imagen on Vertex answers one request', () => {
    expect(capabilitiesOf('imagen-4.0-generate-001', true, new ModelMemory())).toEqual({
      model: 'imagen-4.0-generate-001',
      cancelable: false,
      known: 'documented',
      basis: 'Imagen answers one synchronous request, which has no name to cancel it by.',
    });
  });

  it('remembers of each model what was seen of it: a refusal outweighs what was accepted before', () => {
    const memory = new ModelMemory();
    memory.acceptBackground(model);
    expect(capabilitiesOf(model, false, memory)).toEqual({
      model,
      cancelable: true,
      known: 'observed',
      basis: 'The server has accepted it in the background for this client.',
    });
    memory.refuseBackground(model, 'it was refused');
    expect(capabilitiesOf(model, false, memory)).toEqual({
      model,
      cancelable: false,
      known: 'observed',
      basis: 'Seen here: it was refused.',
    });
    expect(capabilitiesOf('another', false, memory)).toMatchObject({ cancelable: 'unknown' });
  });
});
