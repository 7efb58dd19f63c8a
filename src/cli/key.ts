import { CliFailure } from './failure.js';

/** The API key of the environment. Of two, the one that is Gemini's own. */
export function readKey(environment: Readonly<Record<string, string | undefined>>): string {
  const { GEMINI_API_KEY, GOOGLE_API_KEY } = environment;
  const key = [GEMINI_API_KEY, GOOGLE_API_KEY].map((value) => value?.trim()).find(Boolean);
  if (key !== undefined) return key;
  throw new CliFailure(
    'There is no API key: set GEMINI_API_KEY or GOOGLE_API_KEY.\n' +
      'To try it without one: genai-cancel generate "a lighthouse in fog" --emulator',
    2,
  );
}
