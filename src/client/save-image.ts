import type { Image } from '../api/images.js';

/**
 * Writes an image to a file, whole or not at all, and resolves to the path (Node, Bun, Deno). It replaces a file of that name, and
 * makes no folder. Rejects with the error of the file system, and where the server sent an address in place of the image.
 * @example
 * ```ts
 * await images.generateImages({ model, prompt }, { onImage: (image, index) => saveImage(image, `fog-${index}.jpg`) });
 * ```
 */
export function saveImage(_image: Image, path: string): Promise<string> {
  return Promise.reject(
    new Error(`${path} cannot be written: saveImage() needs the file system of Node, Bun or Deno.`),
  );
}
