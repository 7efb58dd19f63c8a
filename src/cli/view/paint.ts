import type { Environment, Screen } from '../surroundings.js';

export type Tone = 'plain' | 'good' | 'bad' | 'active' | 'quiet';

/** One line of text and how it is meant. */
export interface Line {
  readonly text: string;
  readonly tone: Tone;
}

/** Makes a line fit to be shown: in its colour, and harmless. */
export type Paint = (line: Line) => string;

/** Codes that turn a format of the terminal on, and off again. `styleText` of Node is younger than Node 20. */
const codes = { good: [32, 39], bad: [31, 39], active: [36, 39], quiet: [2, 22] } as const;

export const withoutColour: Paint = ({ text }) => harmless(text);

function withColour({ text, tone }: Line): string {
  if (tone === 'plain') return harmless(text);
  const [on, off] = codes[tone];
  return `\u001b[${on}m${harmless(text)}\u001b[${off}m`;
}

/** Chooses colours where the stream shows them, and the environment does not object. */
export function choosePaint({ isTTY }: Pick<Screen, 'isTTY'>, { NO_COLOR = '', TERM }: Environment): Paint {
  return isTTY === true && NO_COLOR === '' && TERM !== 'dumb' ? withColour : withoutColour;
}

/** Takes control characters out of text from elsewhere: they could take over the terminal. */
export function harmless(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim();
}
