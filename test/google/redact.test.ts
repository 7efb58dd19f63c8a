import { describe, expect, it } from 'vitest';
import { redactMessage, redactSecrets, withoutLongPrompts } from '../../src/google/redact.js';
import type { GenAIClient } from '../../src/google/sdk.js';

function clientWith(fields: { apiKey?: unknown; headers?: Record<string, string> }): GenAIClient {
  const { apiKey, headers } = fields;
  const apiClient = headers === undefined ? {} : { getHeaders: () => headers };
  return { apiKey, apiClient } as unknown as GenAIClient;
}

const plain = clientWith({});

describe('redactMessage()', () => {
  it('takes every prompt out, wherever it stands, and nothing for an empty one', () => {
    expect(redactMessage('"a fox" is "a fox", not "an owl".', plain, ['a fox', '', 'an owl'])).toBe(
      '"[prompt]" is "[prompt]", not "[prompt]".',
    );
  });

  it('takes a prompt out as it stands in JSON, too', () => {
    const prompt = 'a "fox"\nat night';
    const message = `${JSON.stringify({ text: prompt })} or ${prompt}`;
    expect(redactMessage(message, plain, [prompt])).toBe('{"text":"[prompt]"} or [prompt]');
  });

  it('takes a prompt out as a whole only, at the boundaries of words', () => {
    expect(redactMessage('location', plain, ['cati'])).toBe('location');
    expect(redactMessage('cats, cat5, cat_, cät, cat', plain, ['cats'])).toBe('[prompt], cat5, cat_, cät, cat');
    expect(redactMessage('übercats catsü "cats"', plain, ['cats'])).toBe('übercats catsü "[prompt]"');
    expect(redactMessage('a fox!! (a fox!) xa fox!', plain, ['a fox!'])).toBe('[prompt]! ([prompt]) xa fox!');
    expect(redactMessage('<a fox>x', plain, ['<a fox>'])).toBe('[prompt]x');
    expect(redactMessage('𝒳cats 🦊cats', plain, ['cats'])).toBe('𝒳cats 🦊cats');
  });

  it.each(['a', 'fox', '   a   ', '    '])(
    'leaves a message alone whose prompt is %j: it is a word like any other',
    (prompt) => {
      expect(redactMessage('a fox    is   a    fox', plain, [prompt])).toBe('a fox    is   a    fox');
    },
  );

  it('takes out a prompt of 4 characters, and its margins or not', () => {
    expect(redactMessage('the bird, the bird', plain, ['bird'])).toBe('the [prompt], the [prompt]');
    expect(redactMessage('"a fox"; "  a fox\n"', plain, ['  a fox\n'])).toBe('"[prompt]"; "[prompt]"');
  });

  it('takes out a prompt that begins with another one', () => {
    expect(redactMessage('no a fox at night', plain, ['a fox', 'a fox at night'])).toBe('no [prompt]');
  });

  it('takes out a prompt that overlaps itself, and one longer than a regular expression may be', () => {
    expect(redactMessage('a a a a a a', plain, ['a a a'])).toBe('[prompt] [prompt]');
    const long = '(fox) '.repeat(100_000);
    expect(redactMessage(`no ${long}.`, plain, [long])).toBe('no [prompt].');
  });

  it("takes the client's key out, in any form", () => {
    expect(redactMessage('The key my-key is bad: my-key', clientWith({ apiKey: 'my-key' }), [])).toBe(
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
    expect(redactMessage(message, clientWith({ headers }), [])).toBe(
      'google-genai-sdk sent application/json in 600000 with [secret] for [secret]',
    );
  });

  it('leaves short values alone, which would make a message unreadable', () => {
    const client = clientWith({ apiKey: 'abcde', headers: { one: 'fghij', two: 'klmnop' } });
    expect(redactMessage('abcde fghij klmnop', client, [])).toBe('abcde fghij [secret]');
  });

  it('does without a key, and without an HTTP client', () => {
    expect(redactMessage('undefined', plain, [])).toBe('undefined');
    expect(redactMessage('1234567', clientWith({ apiKey: 1_234_567 }), [])).toBe('1234567');
    expect(redactMessage('text', {} as GenAIClient, [])).toBe('text');
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
    expect(redactMessage(message, plain, [])).toBe(expected);
  });

  it.each(['The bearer of bad news', 'a monkey=abc', 'AIza is short', 'xya29.abc', 'forBearer abc'])(
    'leaves %s as it is',
    (message) => {
      expect(redactMessage(message, plain, [])).toBe(message);
    },
  );
});

describe('redactSecrets()', () => {
  it('takes credentials out, and no prompt', () => {
    expect(redactSecrets('a fox, my-key, Bearer abc', clientWith({ apiKey: 'my-key' }))).toBe(
      'a fox, [secret], [secret]',
    );
  });
});

describe('withoutLongPrompts()', () => {
  it('takes out prompts of more than 20 characters only', () => {
    const [short, long] = ['a background of 20 ch', 'a background of 21 cha'].map((text) => text.slice(0, -1));
    const message = `no background: ${short}; ${long}`;
    expect(withoutLongPrompts(message, [short ?? '', long ?? ''])).toBe(`no background: ${short}; [prompt]`);
  });

  it('does not count margins', () => {
    expect(withoutLongPrompts('no background', ['          background          '])).toBe('no background');
  });

  it('takes no secrets out: the message is not shown', () => {
    expect(withoutLongPrompts('Bearer abc', [])).toBe('Bearer abc');
  });
});
