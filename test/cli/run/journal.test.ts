import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../temporary-folder.js';
import { KEY, PROMPT, runHere, setUp } from './cli.js';
import { contentsOf, namesIn } from './records.js';

describe('generate', () => {
  test('writes its operation down while it runs, and takes it out when it has succeeded', async () => {
    const { run, journal, url } = await setUp({ workMs: 800 });
    const out = temporaryFolder();
    const ended = run(['generate', PROMPT, '-n', '2', '-o', out, '--tag', 'order 7']);
    const names = await namesIn(journal, 2);
    const [operation] = (await contentsOf(journal)).operations;
    expect(operation).toMatchObject({ isOrphan: false, record: { tag: 'order 7', server: { origin: url } } });
    expect(JSON.stringify(await contentsOf(journal))).not.toContain(KEY);
    expect(JSON.stringify(operation)).not.toMatch(/secret/);
    expect(new Set(names).size).toBe(2);
    expect(await ended).toMatchObject({ code: 0 });
    expect(readdirSync(journal)).toEqual([]);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('leaves no record behind after %s', async (signal) => {
    const { emulator, start, journal } = await setUp({ workMs: 60_000 });
    const cli = start(['generate', PROMPT, '-o', temporaryFolder()]);
    await namesIn(journal, 1);
    cli.kill(signal);
    expect(await cli.ended).toMatchObject({ signal });
    expect(emulator.meter.jobs.map(({ status }) => status)).toEqual(['cancelled']);
    expect(readdirSync(journal)).toEqual([]);
  });

  test('leaves no record behind when its time is up, or the server refuses', async () => {
    const { run, journal } = await setUp({ workMs: 60_000 });
    expect(await run(['generate', PROMPT, '-o', temporaryFolder(), '--timeout', '0.3'])).toMatchObject({
      code: 1,
    });
    expect(readdirSync(journal)).toEqual([]);
    const refusing = await setUp({ apiKey: 'another' });
    expect(await refusing.run(['generate', PROMPT, '-o', temporaryFolder()])).toMatchObject({ code: 1 });
    expect(readdirSync(refusing.journal)).toEqual([]);
  });

  test('leaves a record that list shows after SIGKILL', async () => {
    const { run, start, journal } = await setUp({ workMs: 60_000 });
    const cli = start(['generate', PROMPT, '-o', temporaryFolder(), '--tag', 'order 7']);
    const [name = ''] = await namesIn(journal, 1);
    const { pid } = cli;
    expect((await run(['list'])).stdout).toMatch(new RegExp(`  its process lives \\(pid ${pid} on .+${name}\n$`));
    cli.kill('SIGKILL');
    await cli.ended;
    const ended = await run(['list']);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toMatch(
      new RegExp(`^[0-9a-f]{8}  \\d+ s +left behind +gemini-\\S+ +order 7 +${name}\n$`, 'm'),
    );
  });

  test('sends nothing if it cannot write it down, and says what to do', async () => {
    const { emulator, run } = await setUp();
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const out = temporaryFolder();
    const ended = await run(['generate', PROMPT, '-n', '2', '-o', out, '--journal', join(file, 'journal')]);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/^images 1, 2: The journal could not be written, so nothing was sent\.$/m);
    expect(ended.stderr).toMatch(/ENOTDIR.*--journal FOLDER.*--no-journal/);
    expect(emulator.meter.requests).toEqual([]);
    const without = ['generate', PROMPT, '-o', out, '--no-journal'];
    expect(await run(without)).toMatchObject({ code: 0 });
  });

  test('keeps no journal with an emulator in the process, unless one is named', async () => {
    const state = temporaryFolder();
    const journal = join(state, 'named');
    const args = ['generate', PROMPT, '-o', temporaryFolder(), '--force', '--emulator', '--work-seconds', '0.5'];
    const environment = { XDG_STATE_HOME: state };
    expect(await runHere(args, environment)).toMatchObject({ code: 0 });
    expect(readdirSync(state)).toEqual([]);
    const ended = runHere([...args, '--journal', journal], environment);
    await namesIn(journal, 1);
    expect(await ended).toMatchObject({ code: 0 });
    expect(readdirSync(journal)).toEqual([]);
  });

  test('keeps no journal if told so', async () => {
    const { run, journal } = await setUp();
    expect(await run(['generate', PROMPT, '-o', temporaryFolder(), '--no-journal'])).toMatchObject({ code: 0 });
    expect(() => readdirSync(journal)).toThrow('ENOENT');
  });
});
