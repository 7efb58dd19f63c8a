import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readPrompt } from '../../src/cli/prompt.js';

test('reads to the end, and no letter is broken by where the pieces part', async () => {
  const bytes = Buffer.from('ein Leuchtturm für Möwen\n');
  const pieces = Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
  expect(await readPrompt(Readable.from(pieces))).toBe('ein Leuchtturm für Möwen');
});

test('refuses nothing but blanks', async () => {
  await expect(readPrompt(Readable.from([Buffer.from(' \n')]))).rejects.toMatchObject({ exitCode: 2 });
});

test('does not wait for a terminal', async () => {
  const terminal = Object.assign(new Readable({ read: () => undefined }), { isTTY: true });
  await expect(readPrompt(terminal)).rejects.toMatchObject({ exitCode: 2 });
});
