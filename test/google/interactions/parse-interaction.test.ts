import { describe, expect, it } from 'vitest';
import { parseCreatedInteraction, parseInteraction } from '../../../src/google/interactions/parse-interaction.js';
import { MalformedAnswerError } from '../../../src/google/failures.js';

const image = (data: string): object => ({ type: 'image', data, mime_type: 'image/png' });
const output = (...content: object[]): object => ({ type: 'model_output', content });

describe('parseInteraction', () => {
  it.each([
    undefined,
    null,
    '',
    'text',
    7,
    [],
    {},
    { id: '' },
    { id: 7, status: 'queued' },
    { id: 'a' },
    { id: 'a', status: 1 },
    { id: '../models', status: 'queued' },
    { id: 'a b; rm -rf ~', status: 'queued' },
  ])('refuses %o', (answer) => {
    expect(() => parseInteraction(answer)).toThrow(MalformedAnswerError);
    expect(() => parseInteraction(answer)).toThrow(
      /is not an interaction: (it has no (id|status)|.* is not the name of one)\.$/,
    );
  });

  it.each([{ id: 'a' }, { id: 'a', status: 1 }, { id: 'a', status: null, steps: 7 }])(
    'keeps the name of what a create has started, whatever else is wrong with %o',
    (answer) => {
      expect(parseCreatedInteraction(answer)).toMatchObject({ id: 'a', status: 'unspecified', phase: 'unknown' });
    },
  );

  it('tells a name that cannot be used', () => {
    expect(() => parseCreatedInteraction({ id: 'a/../b', status: 'queued' })).toThrow('"a/../b"');
  });

  it.each([
    ['queued', 'queued'],
    ['in_progress', 'running'],
    ['failed', 'failed'],
    ['incomplete', 'failed'],
    ['budget_exceeded', 'failed'],
    ['cancelled', 'cancelled'],
    ['requires_action', 'stopped'],
    ['requires_continuation', 'stopped'],
    ['pondering', 'unknown'],
    ['constructor', 'unknown'],
    ['__proto__', 'unknown'],
  ])('reads the status %s as %s', (status, phase) => {
    expect(parseInteraction({ id: 'a', status })).toEqual({ id: 'a', status, phase });
  });

  it('takes each image but those of thoughts, in their order', () => {
    const steps = [
      output(image('draft')),
      { type: 'thought', content: [image('thought')] },
      output(image('one'), image('two')),
    ];
    const made = ['draft', 'one', 'two'].map((imageBytes) => ({ image: { imageBytes, mimeType: 'image/png' } }));
    expect(parseInteraction({ id: 'a', status: 'completed', steps }).outputs).toEqual(made);
  });

  it('takes it also where text follows', () => {
    const steps = [output(image('one'), { type: 'text', text: 'Here it is.' })];
    expect(parseInteraction({ id: 'a', status: 'completed', steps }).outputs).toMatchObject([
      { image: { imageBytes: 'one' } },
    ]);
  });

  it.each(['failed', 'cancelled', 'in_progress'])('takes none of an interaction that is %s', (status) => {
    const read = parseInteraction({ id: 'a', status, steps: [output(image('one'))] });
    expect(read.phase).not.toBe('succeeded');
    expect(read).not.toHaveProperty('outputs');
  });

  it('says of an empty id that there is none', () => {
    expect(() => parseInteraction({ id: '', status: 'queued' })).toThrow('it has no id');
  });

  it('takes a create that is answered by a whole interaction for one', () => {
    expect(parseCreatedInteraction({ id: 'a', status: 'completed' }).outputs?.[0]).toHaveProperty('refusal');
  });

  it('takes an image by its address', () => {
    const steps = [output({ type: 'image', uri: 'gs://bucket/image.png' })];
    expect(parseInteraction({ id: 'a', status: 'completed', steps }).outputs?.[0]).toEqual({
      image: { gcsUri: 'gs://bucket/image.png' },
    });
  });

  it.each([
    { type: 'image' },
    { type: 'image', data: '', uri: '' },
    { type: 'image', data: 7, uri: 7 },
    { type: 'video', data: 'one', uri: 'gs://b/i.png' },
  ])('finds no image in %o', (content) => {
    expect(parseInteraction({ id: 'a', status: 'completed', steps: [output(content)] }).outputs?.[0]).toEqual({
      refusal: 'The model answered without an image and gave no reason.',
    });
  });

  it('takes an image without a type, and the address where the data are empty', () => {
    const content = { type: 'image', data: '', uri: 'gs://b/i.png', mime_type: 7 };
    expect(parseInteraction({ id: 'a', status: 'completed', steps: [output(content)] }).outputs).toEqual([
      { image: { gcsUri: 'gs://b/i.png' } },
    ]);
  });

  it('puts the text of a refusal together, without what else there is', () => {
    const content = [
      { type: 'text', text: ' I ' },
      { type: 'text', text: 7 },
      { type: 'code', text: 'x' },
    ];
    const steps = [
      output(...content),
      { type: 'thought', content: [{ type: 'text', text: 'Hm.' }] },
      output({ type: 'text', text: 'refuse. ' }),
    ];
    expect(parseInteraction({ id: 'a', status: 'completed', steps }).outputs).toEqual([{ refusal: 'I refuse.' }]);
  });

  it('takes text without an image for a refusal, and says so where there is neither', () => {
    const refused = parseInteraction({ id: 'a', status: 'completed', steps: [output({ type: 'text', text: 'No.' })] });
    expect(refused.outputs?.[0]).toEqual({ refusal: 'No.' });
    expect(parseInteraction({ id: 'a', status: 'completed' }).outputs?.[0]).toEqual({
      refusal: expect.stringContaining('without an image') as string,
    });
  });

  it('keeps an image that was made before a limit was reached', () => {
    expect(parseInteraction({ id: 'a', status: 'incomplete', steps: [output(image('one'))] })).toMatchObject({
      phase: 'succeeded',
      outputs: [{ image: { imageBytes: 'one' } }],
    });
  });

  it.each([
    null,
    7,
    'steps',
    [null],
    [7],
    [{ type: 'model_output' }],
    [output(null as never)],
    [{ content: [image('x')] }],
  ])('survives steps such as %o', (steps) => {
    expect(parseInteraction({ id: 'a', status: 'completed', steps }).outputs?.[0]).toHaveProperty('refusal');
  });

  it('reads the usage that the server reports, and no more', () => {
    const usage = {
      total_input_tokens: 10,
      total_output_tokens: 1_120,
      total_tokens: '1130',
      output_tokens_by_modality: [
        { modality: 'text', tokens: 0 },
        { modality: 'IMAGE', tokens: 1_120 },
        null,
        { modality: JSON.parse('{"toString":null}') as object, tokens: 7 },
      ],
    };
    expect(parseInteraction({ id: 'a', status: 'in_progress', usage }).usage).toEqual({
      totalInputTokens: 10,
      totalOutputTokens: 1_120,
      outputImageTokens: 1_120,
    });
    expect(parseInteraction({ id: 'a', status: 'in_progress', usage: { total_tokens: 7 } }).usage).toEqual({
      totalTokens: 7,
    });
    for (const none of [{}, null, 7, { output_tokens_by_modality: [{ modality: 'image', tokens: '7' }, {}] }]) {
      expect(parseInteraction({ id: 'a', status: 'in_progress', usage: none })).not.toHaveProperty('usage');
    }
  });

  it('reads why it failed', () => {
    expect(
      parseInteraction({ id: 'a', status: 'failed', errors: [{ message: 'Out of paint.' }, 7, { code: 'x' }] }).message,
    ).toBe('Out of paint.');
    const errors = [{ message: 'Out of paint.' }, { message: 7 }, { message: 'And of time.' }];
    expect(parseInteraction({ id: 'a', status: 'failed', errors }).message).toBe('Out of paint. And of time.');
    expect(parseInteraction({ id: 'a', status: 'failed', errors: [{}] })).not.toHaveProperty('message');
  });
});
