import { expect, test } from 'vitest';
import { setUp } from './helpers.js';

test('objects by their address, listed by prefix in order, gone after a reset', () => {
  const { emulator } = setUp();
  const { bucket } = emulator;
  bucket.put('gs://b/m.txt', 'm');
  bucket.put('gs://b/z.txt', 'z');
  bucket.put('gs://b/dir/a.txt', 'old');
  bucket.put('gs://b/dir/a.txt', 'a');
  expect(bucket.get('gs://b/dir/a.txt')).toBe('a');
  expect(bucket.get('gs://b/dir')).toBeUndefined();
  expect(bucket.list()).toEqual(['gs://b/dir/a.txt', 'gs://b/m.txt', 'gs://b/z.txt']);
  expect(bucket.list('gs://b/dir/')).toEqual(['gs://b/dir/a.txt']);
  expect(bucket.list('b/dir')).toEqual([]);
  emulator.reset();
  expect(bucket.list()).toEqual([]);
});

test.each(['b/x', 'gs://b', 'gs://b/', 's3://b/x'])('%s is no address', (uri) => {
  expect(() => setUp().emulator.bucket.put(uri, '')).toThrow(TypeError);
});
