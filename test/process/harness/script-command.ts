import { basename } from 'node:path';
import { leftOut, type RuntimeName } from '../../support/runtime.js';

/**
 * The command that starts a script: the runtime of the tests, or the one that `npm run test:matrix` names. The tests then stay
 * with Node, whose word about how a process has ended can be relied upon.
 */
export const SCRIPT_COMMAND = parse(process.env['TEST_SCRIPT_COMMAND']) ?? [process.execPath];

/** The same for a shell. */
export const SCRIPT_COMMAND_LINE = SCRIPT_COMMAND.map((word) => `"${word}"`).join(' ');

function parse(json: string | undefined): readonly string[] | undefined {
  return json === undefined ? undefined : (JSON.parse(json) as string[]);
}

/** The name of that runtime. */
export const SCRIPT_RUNTIME = runtimeOf(SCRIPT_COMMAND[0] ?? '');

/** Options of a test that cannot pass where scripts run on another runtime than Node. */
export function leftOutFor(reasons: Partial<Record<RuntimeName, string>>): ReturnType<typeof leftOut> {
  return leftOut(reasons[SCRIPT_RUNTIME]);
}

function runtimeOf(command: string): RuntimeName {
  const names = { bun: 'Bun', deno: 'Deno', node: 'Node' } as const;
  return names[basename(command, '.exe') as keyof typeof names];
}
