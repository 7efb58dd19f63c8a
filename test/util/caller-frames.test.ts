import { expect, it } from 'vitest';
import { addFrames, noteCaller } from '../../src/util/caller-frames.js';

function startSomething(): Error {
  return noteCaller();
}

it('an error that comes later says where the operation was started', () => {
  const caller = startSomething();
  const error = new RangeError('It failed.');
  const own = error.stack ?? '';
  addFrames(error, caller);
  expect(error.stack?.slice(0, own.length)).toBe(own);
  expect(error.stack?.slice(own.length)).toMatch(
    /^\n {4}--- started by ---\n[^\n]*noteCaller[^\n]*\n[^\n]*startSomething/,
  );
});

it.each(['Error', '', undefined])('nothing is added where there are no frames: %o', (stack) => {
  const error = new Error('It failed.');
  const own = error.stack;
  addFrames(error, Object.assign(new Error(), { stack }));
  expect(error.stack).toBe(own);
});
