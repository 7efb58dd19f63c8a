import { describe, expect, it, vi } from 'vitest';
import { lighthouse, resolution, setup } from '../../support/setup.js';
import { afterRows, DESTINATION, setupVertex, SOURCE } from './vertex-setup.js';

const { model } = lighthouse;

describe('cancel(name)', () => {
  it('cancels a batch on Vertex, and tells where its results are without fetching them', async () => {
    const { clock, emulator, images, startRows } = setupVertex();
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const operation = startRows(5);
    operation.detach();
    await clock.advance(afterRows(2));
    const name = operation.jobs[0]?.name ?? '';
    const report = await resolution(clock, images.cancel(name));
    const results = expect.stringMatching(/^gs:\/\/results\/out\/prediction-/) as string;
    expect(report).toMatchObject({ outcome: 'partially-cancelled', jobs: [{ name, results, cancelRequests: 1 }] });
    expect(report.response).toEqual({ generatedImages: [] });
    expect(warn.mock.calls).toEqual([[expect.stringContaining('gs://results/out/prediction-')]]);
    warn.mockRestore();
    expect(emulator.meter.requestsTo('batch-create')).toHaveLength(1);
    expect(emulator.meter.requestsTo('batch-cancel')).toHaveLength(1);
  });

  it.each([
    ['projects/a-project/locations/us-central1/batchPredictionJobs/1', 'a batch in us-central1'],
    ['batches/abc', 'a batch of the Gemini API'],
    ['projects/a-project/locations/global/batchPredictionJobs/', 'Expected `name`'],
    ['projects/a-project/locations/global/endpoints/1', 'Expected `name`'],
  ])('refuses %s', async (name, message) => {
    const { emulator, images } = setupVertex();
    await expect(images.cancel(name)).rejects.toThrow(message);
    expect(emulator.meter.requests).toEqual([]);
  });

  it('refuses one of Vertex on the Gemini API', async () => {
    const name = 'projects/a-project/locations/global/batchPredictionJobs/1';
    await expect(setup().images.cancel(name)).rejects.toThrow('a batch of Vertex');
  });
});

describe('startBatch() on Vertex', () => {
  it.each([
    ['requests.jsonl', { model, destination: DESTINATION }, 'Expected `source`'],
    ['gs://requests', { model, destination: DESTINATION }, 'Expected `source`'],
    ['', { model, destination: DESTINATION }, 'Expected `source`'],
    [SOURCE, { model }, 'Expected `options.destination`'],
    [SOURCE, { model, destination: 'out' }, 'Expected `options.destination`'],
    [SOURCE, { destination: DESTINATION }, 'Expected `options.model`'],
    [SOURCE, { model, destination: DESTINATION, storage: {} }, 'Expected `options.storage`'],
    [SOURCE, { model, destination: DESTINATION, backend: 'x', what: 1 }, 'no `what`'],
    [[{ prompt: 'x' }], { model, destination: DESTINATION }, "startBatch('gs://"],
    [[{ prompt: 'x' }], { model }, "startBatch('gs://"],
  ])('checks what it is given: %o, %o', (source, options, message) => {
    const { emulator, images } = setupVertex();
    expect(() => images.startBatch(source as never, options as never)).toThrow(message);
    expect(emulator.meter.requests).toEqual([]);
  });

  it('is refused with an address on the Gemini API', () => {
    const { emulator, images } = setup();
    const start = (): unknown => images.startBatch(SOURCE, { model, destination: DESTINATION });
    expect(start).toThrow(TypeError);
    expect(start).toThrow('are for Vertex');
    expect(emulator.meter.requests).toEqual([]);
  });
});
