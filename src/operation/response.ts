import type { JobOutput } from '../google/port.js';
import type { GeneratedImage, Image } from '../api/images.js';

export interface ResponseEntry {
  readonly index: number;
  readonly entry: GeneratedImage;
}

/** Returns the entries of what was made or refused. Without indices, they are numbered as they come. */
export function entriesOf(indices: readonly number[], outputs: readonly JobOutput[]): readonly ResponseEntry[] {
  return outputs.flatMap((output, position): ResponseEntry[] => {
    const index = indices[position] ?? position;
    if ('image' in output) return [{ index, entry: { image: output.image } }];
    return 'refusal' in output ? [{ index, entry: { raiFilteredReason: output.refusal } }] : [];
  });
}

export function imagesIn(outputs: readonly JobOutput[]): readonly Image[] {
  return outputs.flatMap((output) => ('image' in output ? [output.image] : []));
}
