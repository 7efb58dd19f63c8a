import type { GenerateImagesConfig } from './types.js';

/** What becomes of one name of `GenerateImagesConfig`. */
export type ConfigRule =
  | { readonly honoured: true; readonly how: string }
  | { readonly honoured: false; readonly why: string; readonly instead: string };

/**
 * Every name of the SDK's `GenerateImagesConfig` and what the interactions backend does with it. Typed by the names of
 * the config, so that a new one cannot be forgotten here; the documentation's table is this one.
 */
export const interactionsConfigRules = {
  abortSignal: { honoured: true, how: 'Stops the operation on the server.' },
  numberOfImages: { honoured: true, how: 'One interaction for each image.' },
  aspectRatio: { honoured: true, how: '`response_format.aspect_ratio`' },
  imageSize: { honoured: true, how: '`response_format.image_size`' },
  outputMimeType: { honoured: true, how: '`response_format.mime_type`' },
  seed: { honoured: true, how: '`generation_config.seed`, plus the index of the image' },
  labels: { honoured: true, how: '`labels`' },
  includeRaiReason: { honoured: true, how: 'Always on: a refusal has its reason. `false` is refused.' },
  httpOptions: {
    honoured: false,
    why: 'options of one HTTP request do not fit an operation of many',
    instead: 'Give them to `new GoogleGenAI({ httpOptions })`.',
  },
  outputGcsUri: {
    honoured: false,
    why: 'interactions deliver the image in their answer',
    instead: 'Upload the bytes of the image yourself.',
  },
  negativePrompt: {
    honoured: false,
    why: 'interactions have no such field',
    instead: 'Say in the prompt what shall not be seen.',
  },
  guidanceScale: {
    honoured: false,
    why: 'Gemini image models have no such field',
    instead: 'Leave it out, or be more specific in the prompt.',
  },
  safetyFilterLevel: {
    honoured: false,
    why: 'interactions have no such field',
    instead: "Leave it out: the model's default filters apply.",
  },
  personGeneration: {
    honoured: false,
    why: 'interactions have no such field',
    instead: 'Say in the prompt whether people shall be seen.',
  },
  includeSafetyAttributes: {
    honoured: false,
    why: 'interactions do not report safety scores',
    instead: 'Leave it out: refusals come with `raiFilteredReason`.',
  },
  language: {
    honoured: false,
    why: 'interactions have no such field',
    instead: 'Leave it out: the model recognises the language of the prompt.',
  },
  outputCompressionQuality: {
    honoured: false,
    why: 'interactions have no such field',
    instead: 'Compress the image yourself.',
  },
  addWatermark: {
    honoured: false,
    why: 'interactions have no such field',
    instead: 'Leave it out: Google marks every image with SynthID.',
  },
  enhancePrompt: {
    honoured: false,
    why: 'interactions have no such field',
    instead: 'Leave it out, or have a text model rewrite the prompt first.',
  },
} as const satisfies Record<keyof GenerateImagesConfig, ConfigRule>;
