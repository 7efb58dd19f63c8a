import type { ImageTag } from '../../src/testing/image.js';

/** Reads the tag back from an image that the emulator made. */
export function tagOf(bytes: Uint8Array): ImageTag | undefined {
  const [, job, index] = /emulator\0(\S+) (\d+);/.exec(String.fromCharCode(...bytes)) ?? [];
  return job === undefined ? undefined : { job, index: Number(index) };
}
