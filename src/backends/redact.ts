import { apiClientOf, type GenAIClient } from './sdk.js';

/** Headers that say what is sent, and by which program: no secrets, and words that messages are made of. */
const plainHeaders: readonly string[] = [
  'accept',
  'content-type',
  'user-agent',
  'x-goog-api-client',
  'x-server-timeout',
];
/** Shorter values are no secrets, and taking them out would make a message unreadable. */
const MIN_SECRET_LENGTH = 6;
/** What Google's credentials look like, wherever they come from. */
const CREDENTIALS = /\bBearer\s+[\w.~+/=-]+|\bya29\.[\w.-]+|\bAIza[\w-]{30,}|([?&](?:key|access_token)=)[^&\s"']+/g;

/** Takes the caller's prompts and the client's credentials and headers out of a message: servers may quote what they refuse. */
export function redact(message: string, client: GenAIClient, prompts: readonly string[]): string {
  const withoutPrompts = prompts
    .flatMap(spellingsOf)
    .reduce((text, prompt) => replace(text, prompt, '[prompt]'), message);
  const withoutSecrets = secretsOf(client).reduce((text, secret) => replace(text, secret, '[secret]'), withoutPrompts);
  return withoutSecrets.replace(CREDENTIALS, (_, parameter: string | undefined) => `${parameter ?? ''}[secret]`);
}

/** As it was given, and as it stands in JSON. */
function spellingsOf(prompt: string): readonly string[] {
  return [prompt, JSON.stringify(prompt).slice(1, -1)];
}

function replace(text: string, part: string, by: string): string {
  return part === '' ? text : text.replaceAll(part, by);
}

function secretsOf(client: GenAIClient): readonly string[] {
  const { apiKey } = client as { apiKey?: unknown };
  const headers = Object.entries(apiClientOf(client)?.getHeaders?.() ?? {});
  const values = headers.flatMap(([name, value]) => (plainHeaders.includes(name.toLowerCase()) ? [] : [value]));
  return [apiKey, ...values].filter(
    (value) => typeof value === 'string' && value.length >= MIN_SECRET_LENGTH,
  ) as string[];
}
