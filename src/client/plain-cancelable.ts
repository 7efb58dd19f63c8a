import { plainPlatform } from '../operation/platform.js';
import { createCancelable, type Cancelable } from './cancelable.js';

/**
 * Wraps a `GoogleGenAI` so that image generation can be stopped on the server: by `cancel()`, an AbortSignal, a timeout,
 * and under Node, Bun and Deno by Ctrl+C and other process signals.
 *
 * @param client A `GoogleGenAI` of `@google/genai` 2.30 or later.
 * @param options Defaults for every operation.
 * @throws {TypeError | RangeError} for bad options.
 *
 * @example
 * ```ts
 * const images = cancelable(new GoogleGenAI({ apiKey }));
 * const { generatedImages } = await images.generateImages({
 *   model: 'gemini-3.1-flash-image',
 *   prompt: 'a lighthouse in fog',
 *   config: { numberOfImages: 4, abortSignal },
 * });
 * ```
 */
export const cancelable: Cancelable = createCancelable(plainPlatform);
