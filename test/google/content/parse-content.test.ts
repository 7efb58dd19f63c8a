import { describe, expect, it } from 'vitest';
import { MalformedAnswerError } from '../../../src/google/failures.js';
import { outputsOf, parseContent } from '../../../src/google/content.js';

const outputOf = (response: Record<string, unknown>): unknown => outputsOf(response)[0];
const answerOf = (...parts: unknown[]): Record<string, unknown> => ({ candidates: [{ content: { parts } }] });
const picture = (data: string): object => ({ inlineData: { data, mimeType: 'image/png' } });
const NO_REASON = { refusal: 'The model answered without an image and gave no reason.' };

describe('outputOf()', () => {
  it('takes the last image that is not a thought', () => {
    const response = answerOf(
      picture('draft'),
      picture('one'),
      { ...picture('thought'), thought: true },
      { text: 'Here.' },
    );
    expect(outputOf(response)).toEqual({ image: { imageBytes: 'one', mimeType: 'image/png' } });
  });

  it.each([
    [{ inlineData: { data: 'one' } }, { imageBytes: 'one' }],
    [{ inlineData: { data: 'one', mimeType: 7 } }, { imageBytes: 'one' }],
    [
      { fileData: { fileUri: 'gs://b/i.png', mimeType: 'image/png' } },
      { gcsUri: 'gs://b/i.png', mimeType: 'image/png' },
    ],
    [{ inlineData: { data: '' }, fileData: { fileUri: 'gs://b/i.png' } }, { gcsUri: 'gs://b/i.png' }],
  ])('takes an image such as %o', (part, image) => {
    expect(outputOf(answerOf(part))).toEqual({ image });
  });

  it.each([
    { inlineData: { data: '' } },
    { inlineData: { data: 7 } },
    { inlineData: null },
    { inlineData: 'one' },
    { fileData: { fileUri: '' } },
    { fileData: { fileUri: 7 } },
    { fileData: 'gs://b/i.png' },
    { text: 7 },
    null,
    'text',
  ])('finds no image in %o', (part) => {
    expect(outputOf(answerOf(part))).toEqual(NO_REASON);
  });

  it.each([
    {},
    { candidates: null },
    { candidates: {} },
    { candidates: [] },
    { candidates: [null] },
    { candidates: [{}] },
    { candidates: [{ content: null }] },
    { candidates: [{ content: 'text' }] },
    { candidates: [{ content: { parts: {} } }] },
    { candidates: [{ content: {}, finishReason: 'STOP' }] },
    { candidates: [{ content: {}, finishReason: '' }] },
    { candidates: [{ content: {}, finishReason: 7 }], promptFeedback: 'blocked' },
  ])('survives %o', (response) => {
    expect(outputOf(response)).toEqual(NO_REASON);
  });

  it('takes the text for the reason, without the thoughts', () => {
    const response = answerOf(
      { text: ' I cannot ' },
      { text: 'Let me think.', thought: true },
      { text: 'draw this. ' },
    );
    expect(outputOf(response)).toEqual({ refusal: 'I cannot draw this.' });
  });

  it('goes by the most telling reason that is given', () => {
    const promptFeedback = { blockReasonMessage: 'No faces.', blockReason: 'SAFETY' };
    const candidates = [{ finishMessage: 'It was blocked.', finishReason: 'IMAGE_SAFETY' }];
    const given = (response: Record<string, unknown>): unknown => outputOf(response);
    expect(given({ promptFeedback, candidates })).toEqual({ refusal: 'No faces.' });
    expect(given({ promptFeedback: { ...promptFeedback, blockReasonMessage: '' }, candidates })).toEqual({
      refusal: 'SAFETY',
    });
    expect(given({ candidates })).toEqual({ refusal: 'It was blocked.' });
    expect(given({ candidates: [{ finishReason: 'IMAGE_SAFETY' }] })).toEqual({ refusal: 'IMAGE_SAFETY' });
  });
});

describe('parseContent()', () => {
  it.each([undefined, null, '', 'text', 7])('refuses %o', (answer) => {
    expect(() => parseContent(answer)).toThrow(MalformedAnswerError);
    expect(() => parseContent(answer)).toThrow('not a GenerateContentResponse');
    expect(() => parseContent(answer)).toThrow(expect.objectContaining({ name: 'MalformedAnswerError' }));
  });

  it('is a job of one image that has completed', () => {
    const outputs = [{ image: { imageBytes: 'one', mimeType: 'image/png' } }];
    expect(parseContent(answerOf(picture('one')))).toEqual({
      id: '',
      status: 'completed',
      phase: 'succeeded',
      outputs,
    });
  });

  it('reads the usage that the server reports, and no more', () => {
    const usageMetadata = {
      promptTokenCount: 10,
      candidatesTokenCount: 1_120,
      totalTokenCount: '1130',
      candidatesTokensDetails: [{ modality: 'TEXT', tokenCount: 3 }, null, { modality: 'IMAGE', tokenCount: 1_117 }],
    };
    expect(parseContent({ candidates: [], usageMetadata }).usage).toEqual({
      totalInputTokens: 10,
      totalOutputTokens: 1_120,
      outputImageTokens: 1_117,
    });
    expect(parseContent({ candidates: [], usageMetadata: { totalTokenCount: 7 } }).usage).toEqual({ totalTokens: 7 });
    for (const none of [undefined, null, 7, {}, { promptTokenCount: 'x', candidatesTokensDetails: {} }]) {
      expect(parseContent({ candidates: [], usageMetadata: none })).not.toHaveProperty('usage');
    }
  });
});
