import { expect, test } from 'vitest';
import { readKey } from '../../src/cli/key.js';

test.each([
  ['of Gemini', { GEMINI_API_KEY: 'gemini' }, 'gemini'],
  ['of Google', { GOOGLE_API_KEY: 'google' }, 'google'],
  ['of Gemini, when there are two', { GEMINI_API_KEY: 'gemini', GOOGLE_API_KEY: 'google' }, 'gemini'],
  ['of Google, when the other is empty', { GEMINI_API_KEY: ' ', GOOGLE_API_KEY: 'google' }, 'google'],
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
