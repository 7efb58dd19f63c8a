import { describe, expect, it } from 'vitest';
import { createInteractionBody } from '../../../src/google/interactions/interactions-backend.js';
import { contentRequest } from '../../../src/google/content.js';
import { imagenRequest } from '../../../src/google/models/models-backend.js';
import type { ModelRequestOptions } from '../../../src/google/sdk.js';
import type { ImageRequest } from '../../../src/google/parameters.js';

const bare: ImageRequest = { model: 'm', prompt: 'a lighthouse', numberOfImages: 1, config: {} };
const options: ModelRequestOptions = {
  abortSignal: new AbortController().signal,
  httpOptions: { retryOptions: { attempts: 1 } },
};

const configured: ImageRequest = {
  ...bare,
  config: { aspectRatio: '16:9', imageSize: '2K', outputMimeType: 'image/jpeg', seed: 7, labels: { team: 'a' } },
};

describe('the body of an interaction', () => {
  it('has nothing that was not asked for', () => {
    expect(createInteractionBody(bare, 0)).toStrictEqual({
      model: 'm',
      input: 'a lighthouse',
      background: true,
      response_format: { type: 'image' },
    });
  });

  it('has all that was, with a seed of its own for each image', () => {
    expect(createInteractionBody(configured, 2)).toStrictEqual({
      model: 'm',
      input: 'a lighthouse',
      background: true,
      response_format: { type: 'image', aspect_ratio: '16:9', image_size: '2K', mime_type: 'image/jpeg' },
      generation_config: { seed: 9 },
      labels: { team: 'a' },
    });
  });

  it('has a seed of 0', () => {
    expect(createInteractionBody({ ...bare, config: { seed: 0 } }, 0).generation_config).toStrictEqual({ seed: 0 });
  });
});

describe('the request for content', () => {
  it('has nothing that was not asked for', () => {
    expect(contentRequest(bare, 0, options)).toStrictEqual({
      model: 'm',
      contents: 'a lighthouse',
      config: { responseModalities: ['TEXT', 'IMAGE'], ...options },
    });
  });

  it('has all that was, with a seed of its own for each image', () => {
    expect(contentRequest(configured, 2, options)).toStrictEqual({
      model: 'm',
      contents: 'a lighthouse',
      config: {
        responseModalities: ['TEXT', 'IMAGE'],
        imageConfig: { aspectRatio: '16:9', imageSize: '2K', outputMimeType: 'image/jpeg' },
        seed: 9,
        labels: { team: 'a' },
        ...options,
      },
    });
  });
});

describe('the request to Imagen', () => {
  it('asks for as many images as there are, and for the reasons of those that are missing', () => {
    expect(imagenRequest(bare, [4, 5, 6], options)).toStrictEqual({
      model: 'm',
      prompt: 'a lighthouse',
      config: { numberOfImages: 3, includeRaiReason: true, ...options },
    });
  });

  it('has what was asked for, with the seed of its first image', () => {
    const request = { ...bare, config: { seed: 7, negativePrompt: 'rain', numberOfImages: 9 } } as ImageRequest;
    expect(imagenRequest(request, [4, 5], options).config).toStrictEqual({
      seed: 11,
      negativePrompt: 'rain',
      numberOfImages: 2,
      includeRaiReason: true,
      ...options,
    });
  });
});
