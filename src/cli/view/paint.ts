import * as util from 'node:util';

export type Tone = 'plain' | 'good' | 'bad' | 'active' | 'quiet';

/** One line of text and how it is meant. */
export interface Line {
  readonly text: string;
  readonly tone: Tone;
}

export type Paint = (line: Line) => string;

const formats = { good: 'green', bad: 'red', active: 'cyan', quiet: 'dim' } as const satisfies Partial<
  Record<Tone, string>
>;

/** Node 20.0 to 20.11 have no `styleText`; newer ones would ask stdout whether to colour what goes to stderr. */
const { styleText } = util as {
  styleText?: (format: 'green' | 'red' | 'cyan' | 'dim', text: string, options: { validateStream: boolean }) => string;
};

export const withoutColour: Paint = ({ text }) => text;

const withColour: Paint = ({ text, tone }) =>
  tone === 'plain' || styleText === undefined ? text : styleText(formats[tone], text, { validateStream: false });

/** Colours where the stream shows them and nobody objects. */
export function choosePaint(
  stream: { readonly isTTY?: boolean | undefined },
  environment: Readonly<Record<string, string | undefined>>,
): Paint {
  const { NO_COLOR = '', TERM } = environment;
  return stream.isTTY === true && NO_COLOR === '' && TERM !== 'dumb' ? withColour : withoutColour;
}

/** Text from elsewhere, made harmless: control characters could take over the terminal. */
export function harmless(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim();
}
