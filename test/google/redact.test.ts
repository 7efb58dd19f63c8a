import { describe, expect, it } from 'vitest';
import { redact } from '../../src/google/redact.js';
import type { GenAIClient } from '../../src/google/sdk.js';

function clientWith(fields: { apiKey?: unknown; headers?: Record<string, string> }): GenAIClient {
  const { apiKey, headers } = fields;
  const apiClient = headers === undefined ? {} : { getHeaders: () => headers };
  return { apiKey, apiClient } as unknown as GenAIClient;
}

const plain = clientWith({});

describe('redact()', () => {
  it('takes every prompt out, wherever it stands, and nothing for an empty one', () => {
    expect(redact('"a fox" is "a fox", not "an owl".', plain, ['a fox', '', 'an owl'])).toBe(
      '"[prompt]" is "[prompt]", not "[prompt]".',
    );
  });

  it('takes a prompt out as it stands in JSON, too', () => {
    const prompt = 'a "fox"\nat night';
    const message = `${JSON.stringify({ text: prompt })} or ${prompt}`;
    expect(redact(message, plain, [prompt])).toBe('{"text":"[prompt]"} or [prompt]');
  });

  it("takes the client's key out, in any form", () => {
    expect(redact('The key my-key is bad: my-key', clientWith({ apiKey: 'my-key' }), [])).toBe(
      'The key [secret] is bad: [secret]',
    );
  });

  it('takes the headers out, but not the words that every message is made of', () => {
    const headers = {
      'Content-Type': 'application/json',
      Accept: 'application/json',
      'User-Agent': 'google-genai-sdk',
      'X-Goog-Api-Client': 'google-genai-sdk',
      'X-Server-Timeout': '600000',
      'x-goog-api-key': 'another-key',
      'x-team': 'secret-team',
    };
    const message = 'google-genai-sdk sent application/json in 600000 with another-key for secret-team';
    expect(redact(message, clientWith({ headers }), [])).toBe(
      'google-genai-sdk sent application/json in 600000 with [secret] for [secret]',
    );
  });

  it('leaves short values alone, which would make a message unreadable', () => {
    const client = clientWith({ apiKey: 'abcde', headers: { one: 'fghij', two: 'klmnop' } });
    expect(redact('abcde fghij klmnop', client, [])).toBe('abcde fghij [secret]');
  });

  it('does without a key, and without an HTTP client', () => {
    expect(redact('undefined', plain, [])).toBe('undefined');
    expect(redact('1234567', clientWith({ apiKey: 1_234_567 }), [])).toBe('1234567');
    expect(redact('text', {} as GenAIClient, [])).toBe('text');
  });

  it.each([
    ['Authorization: Bearer abc.DEF-1/2+3~4_5==, refused', 'Authorization: [secret], refused'],
    ['Bearer   abc', '[secret]'],
    ['the token ya29.A0-b_c.d expired', 'the token [secret] expired'],
    [`AIza${'x'.repeat(35)} is unknown`, '[secret] is unknown'],
    ['https://host/v1?key=abc&alt=sse', 'https://host/v1?key=[secret]&alt=sse'],
    ['https://host/v1?alt=sse&access_token=abc', 'https://host/v1?alt=sse&access_token=[secret]'],
    ['"https://host/v1?key=abc" failed', '"https://host/v1?key=[secret]" failed'],
    ["'https://host/v1?key=abc' failed", "'https://host/v1?key=[secret]' failed"],
  ])("takes Google's credentials out of %s", (message, expected) => {
    expect(redact(message, plain, [])).toBe(expected);
  });

  it.each(['The bearer of bad news', 'a monkey=abc', 'AIza is short', 'xya29.abc', 'forBearer abc'])(
    'leaves %s as it is',
    (message) => {
      expect(redact(message, plain, [])).toBe(message);
    },
  );
});
