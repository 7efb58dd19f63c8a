import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commonStatusOf, parseBatch, parseVertexBatch } from '../../src/google/batches/parse-batch.js';
import { outputsElsewhere } from '../../src/google/batches/results.js';
import { parseCreatedInteraction, parseInteraction } from '../../src/google/interactions/parse-interaction.js';
import { MalformedAnswerError } from '../../src/google/failures.js';
import { parseContent } from '../../src/google/content.js';
import { parseImages } from '../../src/google/models/models-backend.js';
import { jsonText } from './arbitraries/json.js';
import { attempt } from './attempt.js';
import { editJson } from './edit.js';
import { watchTheRealm } from './pollution.js';
import { PROPERTY_TIMEOUT_MS, runs } from './property.js';

const content = {
  candidates: [
    {
      content: { parts: [{ thought: true, text: 'a' }, { inlineData: { data: 'aGFsbG8=', mimeType: 'image/png' } }] },
      finishReason: 'STOP',
    },
  ],
  promptFeedback: { blockReason: 'SAFETY' },
  usageMetadata: {
    promptTokenCount: 1,
    totalTokenCount: 2,
    candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 3 }],
  },
};
const interaction = {
  id: 'abc',
  status: 'completed',
  steps: [
    {
      type: 'model_output',
      content: [
        { type: 'text', text: 'a' },
        { type: 'image', data: 'aGFsbG8=', mime_type: 'image/png' },
      ],
    },
  ],
  errors: [{ code: 'x', message: 'a message' }],
  usage: { total_tokens: 2, output_tokens_by_modality: [{ modality: 'image', tokens: 1_120 }] },
};
const batch = {
  name: 'batches/abc',
  state: 'JOB_STATE_SUCCEEDED',
  dest: { inlinedResponses: [{ response: content }, { error: { code: 1, message: 'cancelled' } }] },
  error: { code: 13, message: 'a message' },
};
const vertexBatch = {
  name: 'projects/1/locations/global/batchPredictionJobs/2',
  state: 'JOB_STATE_SUCCEEDED',
  completionStats: { successfulCount: '1', failedCount: '2', incompleteCount: '0' },
  outputInfo: { gcsOutputDirectory: 'gs://b/out', bigqueryOutputDataset: 'bq://p.d', bigqueryOutputTable: 't' },
  dest: { gcsUri: 'gs://b', bigqueryUri: 'bq://p' },
  error: { message: 'a message' },
};
const imagen = {
  generatedImages: [{ image: { imageBytes: 'aGFsbG8=', mimeType: 'image/png' } }, { raiFilteredReason: 'no' }],
};

/** Every reader of an answer, with an answer that has all that it looks at. */
const parsers: readonly (readonly [string, (answer: unknown) => object, object])[] = [
  ['an interaction', parseInteraction, interaction],
  ['a created interaction', parseCreatedInteraction, interaction],
  ['a batch', (answer) => parseBatch(answer, 2), batch],
  ['a batch of so many images as it has', (answer) => parseBatch(answer, 0), batch],
  ['a batch on Vertex', (answer) => commonStatusOf(parseVertexBatch(answer)), vertexBatch],
  [
    'what a batch on Vertex has made',
    (answer) => ({ outputs: outputsElsewhere(parseVertexBatch(answer)) }),
    vertexBatch,
  ],
  ['an answer of generateContent', parseContent, content],
  ['an answer of generateImages', (answer) => parseImages(answer, 2), imagen],
];

describe.each(parsers)('the reader of %s', (_, parse, truth) => {
  watchTheRealm();

  it(
    'understands an answer, or says that it is none',
    () =>
      fc.assert(
        fc.property(fc.array(fc.tuple(fc.nat(60), jsonText), { minLength: 1, maxLength: 2 }), (changes) => {
          const edits = changes.map(([at, text]) => ({ kind: 'replace' as const, at, text }));
          const status = attempt(() => parse(JSON.parse(editJson(JSON.stringify(truth), edits))));
          if (status instanceof Error) expect(status).toBeInstanceOf(MalformedAnswerError);
          else expect(Object.keys(status)).not.toContain('polluted');
        }),
        runs(600),
      ),
    PROPERTY_TIMEOUT_MS,
  );
});
