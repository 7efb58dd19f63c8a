import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../temporary-folder.js';
import { PROMPT, setUp } from './cli.js';
import { contentsOf } from './records.js';
import { verifyJpeg } from './verify-jpeg.js';

test('SIGINT: cancels on the server, keeps what was finished, says so, and dies by SIGINT', async () => {
  // The second job is far from done when the first one is.
  const { emulator, start } = await setUp({ workMs: 300, faults: [{ kind: 'end', status: 'pondering', job: 1 }] });
  const out = temporaryFolder();
  const cli = start(['generate', PROMPT, '-n', '2', '-o', out]);
  await cli.says(/^1 of 2 done, 1 left, /m);
  cli.kill('SIGINT');
  const { code, signal, stdout, stderr } = await cli.ended;
  expect([code, signal]).toEqual([null, 'SIGINT']);
  const [file = ''] = readdirSync(out);
  verifyJpeg(join(out, file));
  expect(stdout).toBe(`${join(out, file)}\n`);
  const after = stderr.slice(stderr.indexOf('Cancelling'));
  expect(after).toMatch(/^Cancelling on the server… \(press Ctrl\+C again to leave at once\)\n/);
  expect(after).toMatch(/\nIn \d\.\d s: 1 cancelled \(confirmed by the server\), 1 completed\.\n/);
  expect(after).toContain(`\nKept: ${join(out, file)}\nNothing still runs.\n`);
  expect(after).toMatch(/\nBilling: unknown\. .+\n$/);
  expect(emulator.meter.jobs.map(({ status }) => status).sort()).toEqual(['cancelled', 'completed']);
  expect(emulator.meter.requestsTo('cancel')).toHaveLength(1);
});

test('SIGINT with --json: the report is in the last line', async () => {
  const { emulator, start } = await setUp({ workMs: 60_000 });
  const cli = start(['generate', PROMPT, '-o', temporaryFolder(), '--json']);
  await cli.says(/"running"/);
  cli.kill('SIGINT');
  const { signal, stdout, stderr } = await cli.ended;
  expect([signal, stderr]).toEqual(['SIGINT', '']);
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(events).toContainEqual(expect.objectContaining({ type: 'cancelling', trigger: 'SIGINT' }));
  expect(events.at(-1)).toMatchObject({ type: 'settled', report: { outcome: 'cancelled', trigger: 'SIGINT' } });
  expect(emulator.meter.running()).toEqual([]);
});

test('SIGTERM is said by its name', async () => {
  const { start } = await setUp({ workMs: 60_000 });
  const cli = start(['generate', PROMPT, '-o', temporaryFolder()]);
  await cli.says(/image 1: running/);
  cli.kill('SIGTERM');
  const { signal, stderr } = await cli.ended;
  expect(signal).toBe('SIGTERM');
  expect(stderr).toMatch(/^Cancelling on the server… \(SIGTERM\)$/m);
});

test('what the server does not confirm comes with the command that stops it, and is left to be recovered', async () => {
  const { emulator, start, journal } = await setUp({ workMs: 60_000, faults: [{ kind: 'cancel-ignored' }] });
  const cli = start(['generate', PROMPT, '-o', temporaryFolder()]);
  await cli.says(/image 1: running/);
  cli.kill('SIGINT');
  const { signal, stderr } = await cli.ended;
  expect(signal).toBe('SIGINT');
  const name = emulator.meter.jobs[0]?.name ?? '';
  expect(stderr).toContain(
    `image 1: not confirmed, it may still be running. Stop it with: npx --no genai-cancel cancel ${name}\n`,
  );
  const { operations } = await contentsOf(journal);
  expect(operations).toMatchObject([{ isOrphan: true, record: { jobs: [{ name }] } }]);
});
