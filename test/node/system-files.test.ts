import { expect, test } from 'vitest';
import { readLinkIfThere, readTextIfThere } from '../../src/node/system-files.js';

test('what the system does not tell is undefined', () => {
  expect(readTextIfThere('/does/not/exist')).toBeUndefined();
  expect(readTextIfThere('/dev/null')).toBeUndefined();
  expect(readLinkIfThere('/does/not/exist')).toBeUndefined();
});
