import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { JobReference } from '../../src/index.js';
import { setUp, type Setting } from '../cli/run/cli.js';
import { jobOf, plant, recordOf } from '../cli/run/records.js';
import { temporaryFolder } from '../cli/temporary-folder.js';

const ID = '0a1b2c01';
const lost: JobReference = { index: 0, backend: 'interactions', state: 'submitting' };
const lostBatch: JobReference = { ...lost, backend: 'batches', displayName: `genai-cancel-${'a'.repeat(32)}` };

/** Returns the exit codes of list, recover and recover cancel, and whether each says that something is in doubt. */
async function ask(setting: Setting): Promise<[code: number | null, isInDoubt: boolean][]> {
  const answers: [number | null, boolean][] = [];
  for (const command of [['list'], ['recover', '-o', temporaryFolder()], ['recover', 'cancel'], ['list', '--json']]) {
    const { code, stdout, stderr } = await setting.run(command);
    const isInDoubt = (stdout + stderr).includes('in doubt: ') || stdout.includes('"inDoubt":[{');
    answers.push([code, isInDoubt]);
  }
  return answers;
}

it.each<[string, JobReference, object]>([
  ['a job', lost, {}],
  ['a batch that is not found', lostBatch, { backend: 'batches', startedAt: Date.now() - 3_600_000 }],
  ['a request that cannot be found', { ...lost, backend: 'models', state: 'running' }, { backend: 'models' }],
  ['a job of another server', lost, { server: { vertexai: false, origin: 'https://example.test' } }],
  ['a job that was detached', lost, { detachedAt: Date.now() }],
])('#99 list and recover agree while %s is in doubt: exit status 1', async (_, job, rest) => {
  const setting = await setUp();
  const server = { vertexai: false, origin: setting.url };
  await plant(setting.journal, recordOf({ id: ID, server, jobs: [job], ...rest }));
  expect(await ask(setting)).toEqual(Array(4).fill([1, true]));
  expect(await setting.run(['forget', ID])).toMatchObject({ code: 0 });
  expect(await ask(setting)).toEqual(Array(4).fill([0, false]));
});

it('#99 they agree too on what has a name, or a process that lives: exit status 0', async () => {
  const setting = await setUp();
  const elsewhere = { vertexai: false, origin: 'https://example.test' };
  await plant(setting.journal, recordOf({ id: ID, server: elsewhere, jobs: [jobOf('interactions/a')] }));
  await plant(setting.journal, recordOf({ id: '0a1b2c02', jobs: [lost] }), 'lives');
  const answers = await ask(setting);
  expect(answers.slice(0, 3)).toEqual(Array(3).fill([0, false]));
  expect(readdirSync(setting.journal)).toHaveLength(2);
});

it('#99 and on what cannot be read, which may be in doubt: exit status 1', async () => {
  const setting = await setUp();
  await plant(setting.journal, recordOf({ id: ID }));
  writeFileSync(join(setting.journal, 'notes.txt'), '');
  expect((await ask(setting)).map(([code]) => code)).toEqual([1, 1, 1, 1]);
});
