import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { leftOut } from '../../support/runtime.js';
import { temporaryFolder } from '../temporary-folder.js';
import { CommandProcess } from './cli.js';

const CLEAR = /set HOME or XDG_STATE_HOME to an absolute path, or choose with --journal FOLDER or --no-journal/;

/** Starts the command in an empty folder, in which a journal that is not absolute would lie. */
async function runIn(folder: string, args: string[], environment: Record<string, string>, uid?: number) {
  const { ended } = new CommandProcess(args, { XDG_STATE_HOME: '', ...environment }, '', {
    cwd: folder,
    ...(uid === undefined ? {} : { uid }),
  });
  return ended;
}

test.each(['', 'home'])('a home that is no absolute path is no place for a journal: %j', async (HOME) => {
  const folder = temporaryFolder();
  const ended = await runIn(folder, ['list'], { HOME });
  expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(CLEAR) as string });
  expect(readdirSync(folder)).toEqual([]);
});

const reason = process.getuid?.() === 0 ? undefined : 'It has to be root, to become a user without a home.';
test('a user whom the system does not know has none', leftOut(reason), async () => {
  const ended = await runIn('/', ['list'], {}, 54_321);
  expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(CLEAR) as string });
});
