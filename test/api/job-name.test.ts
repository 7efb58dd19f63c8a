import { describe, expect, it } from 'vitest';
import { expectJobName, isJobName, parseJobName } from '../../src/api/job-name.js';

describe('parseJobName()', () => {
  it('reads strings, and nothing that would become one', () => {
    expect(parseJobName('interactions/abc')).toEqual({ backend: 'interactions', id: 'abc' });
    expect(parseJobName(['interactions/abc'])).toBeUndefined();
  });

  it.each([
    ['interactions/a.b~c:d=e+f@g-h_i', { backend: 'interactions', id: 'a.b~c:d=e+f@g-h_i' }],
    ['interactions/..a', { backend: 'interactions', id: '..a' }],
    [`interactions/${'x'.repeat(512)}`, { backend: 'interactions', id: 'x'.repeat(512) }],
    ['batches/1', { backend: 'batches', id: 'batches/1' }],
    [
      'projects/p/locations/l/batchPredictionJobs/1',
      { backend: 'batches', id: 'projects/p/locations/l/batchPredictionJobs/1', location: 'l' },
    ],
  ])('takes %s apart', (name, parsed) => {
    expect(parseJobName(name)).toStrictEqual(parsed);
  });

  it.each([
    undefined,
    7,
    '',
    'x/interactions/1',
    'interactions/1/',
    `interactions/${'x'.repeat(513)}`,
    'batches/1/x',
    'x/batches/1',
    'batches/.',
    'projects/p/locations/../batchPredictionJobs/1',
    'projects/p/locations/l/batchPredictionJobs/..',
    'x/projects/p/locations/l/batchPredictionJobs/1',
    'projects/p/locations/l/batchPredictionJobs/1/x',
  ])('takes %o for none', (name) => {
    expect(parseJobName(name)).toBeUndefined();
  });
});

describe('isJobName()', () => {
  it('goes by the backend, too', () => {
    expect(isJobName('batches', 'batches/1')).toBe(true);
    expect(isJobName('interactions', 'batches/1')).toBe(false);
    expect(isJobName('batches', 'batches/..')).toBe(false);
  });
});

describe('expectJobName()', () => {
  it('says what a name looks like, and does not repeat what was given', () => {
    expect(expectJobName('name', 'batches/1')).toEqual({ backend: 'batches', id: 'batches/1' });
    expect(() => expectJobName('name', 'a secret')).toThrow(
      "Expected `name` to be the name of a job, such as 'interactions/abc', 'batches/abc' or 'projects/p/locations/l/batchPredictionJobs/1', got a string.",
    );
    expect(() => expectJobName('name', null)).toThrow(TypeError);
  });
});
