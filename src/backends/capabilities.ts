import { expected } from '../expected.js';
import { isImagen, replacementOf } from '../images/imagen-models.js';
import type { ModelMemory } from './model-memory.js';

/** What is known of a model on the host of a client. */
export interface ModelCapabilities {
  readonly model: string;
  /** Whether what it makes can be cancelled on the server. */
  readonly cancelable: boolean | 'unknown';
  /** How that is known: documented by Google, observed by this client, or not at all. */
  readonly known: 'documented' | 'observed' | 'unknown';
  /** In a sentence. */
  readonly basis: string;
  /** What Google names in its place, if the model was shut down. */
  readonly replacement?: string;
}

/** Says what is known, and sends nothing to find out more. */
export function capabilitiesOf(model: string, isVertex: boolean, memory: ModelMemory): ModelCapabilities {
  if (typeof model !== 'string' || model.trim() === '') {
    throw new TypeError(expected('model', 'a string that is not empty', model));
  }
  const replacement = replacementOf(model, isVertex)?.model;
  if (replacement !== undefined) {
    const basis = `Google has shut it down, and names ${replacement} in its place.`;
    return { model, cancelable: false, known: 'documented', basis, replacement };
  }
  if (isImagen(model)) {
    const basis = 'Imagen answers one synchronous request, which has no name to cancel it by.';
    return { model, cancelable: false, known: 'documented', basis };
  }
  const refusal = memory.backgroundRefusalOf(model);
  if (refusal !== undefined) return { model, cancelable: false, known: 'observed', basis: `Seen here: ${refusal}.` };
  if (memory.hasRunInBackground(model)) {
    return {
      model,
      cancelable: true,
      known: 'observed',
      basis: 'The server has accepted it in the background for this client.',
    };
  }
  const basis = 'Google documents neither way whether image models run in the background; the first use tells.';
  return { model, cancelable: 'unknown', known: 'unknown', basis };
}
