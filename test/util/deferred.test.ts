import { expect, it } from 'vitest';
import { createDeferred } from '../../src/util/deferred.js';

it('a deferred promise settles from outside, once', async () => {
  const { promise, resolve, reject } = createDeferred<number>();
  resolve(1);
  resolve(2);
  reject(new Error('late'));
  expect(await promise).toBe(1);
});

it('a deferred promise rejects its waiters, and may have none', async () => {
  const error = new Error('no');
  createDeferred().reject(error);
  const { promise, reject } = createDeferred();
  reject(error);
  await expect(promise).rejects.toBe(error);
});
