import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../temporary-folder.js';
import { runHere, type Ended } from './cli.js';
import { contentsOf, jobOf, plant, recordOf } from './records.js';

const ID = '0a1b2c01';

/** Without a key, and with no server to ask. */
const forget = (folder: string, id: string): Promise<Ended> => runHere(['forget', id, '--journal', folder], {});

test('takes a record that nobody owns out, by the beginning of its id', async () => {
  const folder = temporaryFolder();
  await plant(folder, recordOf({ id: ID, jobs: [jobOf('interactions/a')] }));
  expect(await forget(folder, ID.slice(0, 6))).toMatchObject({
    code: 0,
    stdout: '',
    stderr: `${ID} is forgotten. What it has started was not stopped.\n`,
  });
  expect(readdirSync(folder)).toEqual([]);
});

test('takes one that cannot be read out, too', async () => {
  const folder = temporaryFolder();
  await plant(folder, recordOf({ id: ID }));
  writeFileSync(join(folder, `${ID}.1.free.json`), 'torn');
  expect(await forget(folder, ID)).toMatchObject({ code: 0 });
  expect(readdirSync(folder)).toEqual([]);
});

test('refuses one whose process lives', async () => {
  const folder = temporaryFolder();
  await plant(folder, recordOf({ id: ID }), 'lives');
  const ended = await forget(folder, ID);
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toMatch(
    new RegExp(`^genai-cancel: ${ID} was not forgotten: its process lives \\(pid ${process.pid} `),
  );
  expect((await contentsOf(folder)).operations).toHaveLength(1);
});

test('refuses what there is not, and what could be several', async () => {
  const folder = temporaryFolder();
  await plant(folder, recordOf({ id: ID }));
  await plant(folder, recordOf({ id: '0a1b2c02' }));
  const unknown = await forget(folder, 'ffffff');
  expect(unknown).toMatchObject({ code: 1 });
  expect(unknown.stderr).toContain(`There is no operation ffffff in the journal ${folder}`);
  const several = await forget(folder, '0a1b2c');
  expect(several).toMatchObject({ code: 1 });
  expect(several.stderr).toContain('2 operations have an id that begins with 0a1b2c');
  expect((await contentsOf(folder)).operations).toHaveLength(2);
});
