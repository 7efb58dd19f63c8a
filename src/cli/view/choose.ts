import { choosePaint } from './paint.js';
import { JsonView } from './json.js';
import { PlainView } from './plain.js';
import { TerminalView, type Screen } from './terminal.js';
import type { Output, Scene, View } from './view.js';

/** stdout, stderr and the environment: what decides how things are shown. */
export interface Surroundings {
  readonly stdout: Output;
  readonly stderr: Screen & { readonly isTTY?: boolean | undefined; readonly rows?: number | undefined };
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const MIN_COLUMNS = 20;
const DEFAULT_ROWS = 24;

/** Results go to stdout; what is said to people goes to stderr, moving only where they see it move. */
export function chooseView(scene: Scene, { json }: { json: boolean }, surroundings: Surroundings): View {
  const { stdout, stderr, environment } = surroundings;
  if (json) return new JsonView(scene, { results: stdout, messages: stderr });
  const paint = choosePaint(stderr, environment);
  return canRedraw(surroundings, scene.jobs().length)
    ? new TerminalView(scene, { results: stdout, screen: stderr }, paint)
    : new PlainView(scene, { results: stdout, messages: stderr }, paint);
}

/** The view on the streams of this process. */
export function chooseViewHere(scene: Scene, command: { json: boolean }): View {
  const { stdout, stderr, env: environment } = process;
  return chooseView(scene, command, { stdout, stderr, environment });
}

/** The cursor cannot go up beyond the top of the screen, so every line has to fit. */
function canRedraw({ stderr, environment }: Surroundings, lines: number): boolean {
  const { isTTY, columns = 0, rows = 0 } = stderr;
  const { CI = '', TERM } = environment;
  const isCi = CI !== '' && CI !== 'false' && CI !== '0';
  if (isTTY !== true || isCi || TERM === 'dumb') return false;
  return (columns === 0 || columns >= MIN_COLUMNS) && lines < (rows === 0 ? DEFAULT_ROWS : rows);
}
