import { afterEach, expect, it, vi } from 'vitest';
import { guardStandardStreams } from '../../src/node/terminal.js';

afterEach(() => vi.restoreAllMocks());

const count = (): number[] => [process.stdout, process.stderr].map((stream) => stream.listenerCount('error'));

it('listens to the errors of both streams, until it is told to stop', () => {
  const [out = 0, err = 0] = count();
  const unguard = guardStandardStreams();
  expect(count()).toEqual([out + 1, err + 1]);
  unguard();
  expect(count()).toEqual([out, err]);
});

it('guards the other stream where one cannot be opened', () => {
  const [, before = 0] = count();
  const stdout = vi.spyOn(process, 'stdout', 'get').mockImplementation(() => {
    throw Object.assign(new Error('TTY initialization failed'), { code: 'ERR_TTY_INIT_FAILED' });
  });
  const unguard = guardStandardStreams();
  stdout.mockRestore();
  expect(count()[1]).toBe(before + 1);
  unguard();
  expect(count()[1]).toBe(before);
});
