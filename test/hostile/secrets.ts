/** The secrets: a key in the form of Google's keys, and a prompt that JSON has to escape. */
export const API_KEY = `AIza${'HostileSecret0'.repeat(3)}`;
export const PROMPT = `the most secret lighthouse in "fog",\nand what is ${'very '.repeat(40)}near to it`;

/** A server that quotes what it was sent. Not with a character that a name may begin with: it is none. */
export const ECHO = `!! ${API_KEY} asked for ${PROMPT} (key=${API_KEY})`;

/** Pieces that are secret even when they are torn out of the whole. */
const pieces = [API_KEY, API_KEY.slice(0, 30), PROMPT, JSON.stringify(PROMPT).slice(1, -1), PROMPT.slice(0, 60)];

/** The keys in a text, for what never had the prompt: rows of a batch lie in Cloud Storage. */
export function keysIn(text: string): readonly string[] {
  return secretsIn(text).filter((piece) => API_KEY.includes(piece));
}

/** Returns the pieces of the secrets that stand in a text. */
export function secretsIn(text: string): readonly string[] {
  return pieces.filter((piece) => text.includes(piece));
}
