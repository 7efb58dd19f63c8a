import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { readKey, readPrompt } from '../../src/cli/surroundings.js';

describe('the key', () => {
  test.each([
    ['of Gemini', { GEMINI_API_KEY: 'gemini' }, 'gemini'],
    ['of Google', { GOOGLE_API_KEY: 'google' }, 'google'],
    [
      'of Google, when there are two, as the SDK does',
      { GEMINI_API_KEY: 'gemini', GOOGLE_API_KEY: 'google' },
      'google',
    ],
    ['of Google, when the other is empty', { GEMINI_API_KEY: ' ', GOOGLE_API_KEY: 'google' }, 'google'],
    ['of Gemini, when the other is empty', { GEMINI_API_KEY: 'gemini', GOOGLE_API_KEY: ' ' }, 'gemini'],
    ['without the line break of the file it came from', { GEMINI_API_KEY: 'gemini\n' }, 'gemini'],
  ])('takes the key %s', (_, environment, key) => {
    expect(readKey(environment)).toBe(key);
  });

  test.each([{}, { GEMINI_API_KEY: '' }])('says what is missing, and what works without it', (environment) => {
    expect(() => readKey(environment)).toThrow(
      expect.objectContaining({
        exitCode: 2,
        message: expect.stringMatching(/GEMINI_API_KEY.*GOOGLE_API_KEY[^]*--emulator/) as string,
      }) as Error,
    );
  });
});

describe('the prompt', () => {
  test('reads to the end, and no letter is broken by where the pieces part', async () => {
    const bytes = Buffer.from('ein Leuchtturm für Möwen\n');
    const pieces = Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
    expect(await readPrompt(undefined, Readable.from(pieces))).toBe('ein Leuchtturm für Möwen');
  });

  test('refuses nothing but blanks', async () => {
    await expect(readPrompt(undefined, Readable.from([Buffer.from(' \n')]))).rejects.toMatchObject({ exitCode: 2 });
  });

  test('does not wait for a terminal', async () => {
    const terminal = Object.assign(new Readable({ read: () => undefined }), { isTTY: true });
    await expect(readPrompt('-', terminal)).rejects.toMatchObject({ exitCode: 2 });
  });
});
