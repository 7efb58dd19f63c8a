import { GoogleGenAI } from '@google/genai';
import { expect, it, vi } from 'vitest';
import { apiClientOf } from '../../src/google/sdk.js';
import { readKey } from '../../src/cli/surroundings.js';
import { KEY, PROMPT, runHere, setUp } from '../cli/run/cli.js';
import { temporaryFolder } from '../cli/temporary-folder.js';

const BOTH = 'Both GOOGLE_API_KEY and GEMINI_API_KEY are set. Using GOOGLE_API_KEY.\n';

const generate = async (url: string, keys: Record<string, string>) =>
  runHere(['generate', PROMPT, '-o', temporaryFolder()], { GOOGLE_GEMINI_BASE_URL: url, ...keys });

it('#68 the command takes the key that the SDK takes, and it is true what the SDK says of it', async () => {
  const { url } = await setUp({ workMs: 0 });
  const right = await generate(url, { GOOGLE_API_KEY: KEY, GEMINI_API_KEY: 'another' });
  expect(right).toMatchObject({ code: 0 });
  expect(right.stderr.startsWith(BOTH)).toBe(true);
  const wrong = await generate(url, { GOOGLE_API_KEY: 'another', GEMINI_API_KEY: KEY });
  expect(wrong).toMatchObject({ code: 1 });
  expect(wrong.stderr).toContain('API key not valid');
  // The SDK has not changed the environment, nor have we.
  expect(await generate(url, { GEMINI_API_KEY: KEY })).toMatchObject({ code: 0 });
});

it('#68 nothing is said of one key', async () => {
  const { url } = await setUp({ workMs: 0 });
  for (const name of ['GOOGLE_API_KEY', 'GEMINI_API_KEY']) {
    const ended = await generate(url, { [name]: KEY });
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stderr).not.toContain('API_KEY');
  }
});

it.each([
  { GOOGLE_API_KEY: 'google', GEMINI_API_KEY: 'gemini' },
  { GOOGLE_API_KEY: '', GEMINI_API_KEY: 'gemini' },
  { GOOGLE_API_KEY: ' \n', GEMINI_API_KEY: 'gemini' },
  { GOOGLE_API_KEY: 'google', GEMINI_API_KEY: '' },
  { GOOGLE_API_KEY: 'google\n', GEMINI_API_KEY: ' ' },
])('#68 the same key as the SDK would take of %j', (environment) => {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  const client = new GoogleGenAI({ vertexai: false });
  warn.mockRestore();
  vi.unstubAllEnvs();
  const theirs = (apiClientOf(client) as { getApiKey?: () => string } | undefined)?.getApiKey?.();
  expect(theirs).toMatch(/google|gemini/);
  expect(readKey(environment)).toBe(theirs);
});
