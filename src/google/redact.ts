import { apiClientOf, type GenAIClient } from './sdk.js';

/** Headers without secrets: their values are words that messages are made of. */
const plainHeaders = ['accept', 'content-type', 'user-agent', 'x-goog-api-client', 'x-server-timeout'];
/** Shorter values are no secrets, and taking them out would make a message unreadable. */
const MIN_SECRET_LENGTH = 6;
/** Patterns of credentials, wherever they come from: Google's, any JSON Web Token, and those in addresses. */
const CREDENTIALS =
  /\bBearer\s+[\w.~+/=-]+|\bya29\.[\w.-]+|\bAIza[\w-]{30,}|\beyJ[\w-]{8,}\.[\w-]+\.[\w-]+|(?<=:\/\/)[^\s/@]+(?=@)|([?&](?:key|access_token)=)[^&\s"']+/g;
/** A letter, a digit, or half of a character beyond the first 65,536. */
const WORD = /[\p{L}\p{N}_\uD800-\uDFFF]/u;
/** Shorter prompts are words that messages are made of. */
const MIN_PROMPT_LENGTH = 4;
/** Before a message is matched, only a prompt that cannot be a word of Google's own is taken out. */
const MIN_LONG_PROMPT_LENGTH = 21;

/** Takes the caller's prompts and the client's credentials and headers out of a message: servers may quote what they refuse. */
export function redactMessage(message: string, client: GenAIClient, prompts: readonly string[]): string {
  // Secrets first, in the prompts too: what a prompt leaves of a secret cannot be recognised, and the other way round.
  const [rest = '', ...texts] = [message, ...prompts].map((text) => redactSecrets(text, client));
  return withoutPrompts(rest, texts, MIN_PROMPT_LENGTH);
}

export function redactSecrets(text: string, client: GenAIClient): string {
  const withoutSecrets = secretsOf(client).reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text);
  return withoutSecrets.replace(CREDENTIALS, (_, parameter: string | undefined) => `${parameter ?? ''}[secret]`);
}

export function withoutLongPrompts(message: string, prompts: readonly string[]): string {
  return withoutPrompts(message, prompts, MIN_LONG_PROMPT_LENGTH);
}

/** Takes prompts out where they stand as a whole: a short one can also be a part of another word. */
function withoutPrompts(message: string, prompts: readonly string[], minLength: number): string {
  const texts = prompts.filter((prompt) => prompt.trim().length >= minLength).flatMap(spellingsOf);
  // A prompt may begin with another one: the rest of it must not remain.
  return texts.sort((one, other) => other.length - one.length).reduce(withoutWhole, message);
}

/** Searches by hand, since a prompt can be longer than a regular expression may be. */
function withoutWhole(message: string, text: string): string {
  let rest = '';
  let from = 0;
  for (let at = message.indexOf(text); at !== -1; at = message.indexOf(text, at + 1)) {
    if (at < from || !isWhole(message, at, text)) continue;
    rest += `${message.slice(from, at)}[prompt]`;
    from = at + text.length;
  }
  return rest + message.slice(from);
}

/** Whether the text begins and ends at word boundaries, as far as its own ends are parts of words. */
function isWhole(message: string, at: number, text: string): boolean {
  const isJoined = (left: string, right: string): boolean => WORD.test(left) && WORD.test(right);
  const end = at + text.length;
  return !isJoined(message.charAt(at - 1), text.charAt(0)) && !isJoined(text.slice(-1), message.charAt(end));
}

/** The prompt as it was given, without its margins, and as it stands in JSON. */
function spellingsOf(prompt: string): readonly string[] {
  return [...new Set([prompt, prompt.trim(), JSON.stringify(prompt.trim()).slice(1, -1)])];
}

function secretsOf(client: GenAIClient): readonly string[] {
  const { apiKey } = client as { apiKey?: unknown };
  const headers = Object.entries(apiClientOf(client)?.getHeaders?.() ?? {});
  const secret = headers.filter(([name]) => !plainHeaders.includes(name.toLowerCase())).map(([, value]) => value);
  const texts = [apiKey, ...secret].filter((value) => typeof value === 'string');
  // A server may quote credentials without the word in front of them. A secret may begin with another one.
  const bare = texts.map((text) => text.replace(/^(?:Basic|Bearer|Key|Token)\s+/i, ''));
  return [...texts, ...bare]
    .filter(({ length }) => length >= MIN_SECRET_LENGTH)
    .sort((one, other) => other.length - one.length);
}
