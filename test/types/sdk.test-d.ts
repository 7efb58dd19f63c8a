import type {
  GenerateImagesConfig,
  GenerateImagesParameters,
  GenerateImagesResponse,
  GoogleGenAI,
} from '@google/genai';
import { expectTypeOf, test } from 'vitest';
import type * as library from '../../src/index.js';

test('the SDK fits what the library calls', () => {
  expectTypeOf<GoogleGenAI>().toExtend<library.GenAIClient>();
});

test('parameters of the SDK can be handed over as they are', () => {
  expectTypeOf<GenerateImagesParameters>().toExtend<library.GenerateImagesParameters>();
});

test('the config has every name of the SDK, and no other', () => {
  expectTypeOf<keyof library.GenerateImagesConfig>().toEqualTypeOf<keyof GenerateImagesConfig>();
});

test('a response can be handed to code that expects one of the SDK', () => {
  expectTypeOf<library.GenerateImagesResponse>().toExtend<GenerateImagesResponse>();
});

test('generateImages has the signature of the SDK, with options after it', () => {
  expectTypeOf<library.CancelableImages['generateImages']>().toExtend<
    (parameters: GenerateImagesParameters) => Promise<GenerateImagesResponse>
  >();
});
