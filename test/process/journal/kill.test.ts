import { randomInt } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { readProcess } from '../../../src/node/journal/machine.js';
import { namesIn, open, temporaryFolder } from '../../node/journal/harness.js';
import { SCRIPT_COMMAND } from '../harness/script-command.js';
import { fixturePath, nextLine, run, runFixture, type Child } from './child.js';

const KILLS = 30;
const AT_ONCE = 3;
const onLinux = test.runIf(process.platform === 'linux');

interface Heard {
  /** The last version that was durable, by id. */
  readonly done: Map<string, number>;
  readonly removing: Set<string>;
}

/** Listens to the first so many lines, kills, and listens to the rest. */
async function killAfter(child: Child, count: number): Promise<Heard> {
  const heard: Heard = { done: new Map(), removing: new Set() };
  for (let index = 0; ; index++) {
    if (index === count) child.process.kill('SIGKILL');
    const { value, done } = await child.lines.next();
    if (done === true) break;
    const [verb, id = '', version] = value.split(' ');
    if (verb === 'removing') heard.removing.add(id);
    else heard.done.set(id, Number(version));
  }
  await child.ended;
  return heard;
}

/** Checks what a process left that was killed at a random moment. */
async function checkKill(): Promise<void> {
  const folder = temporaryFolder();
  const { done, removing } = await killAfter(runFixture('write', folder), randomInt(1, 100));
  const { entries, unreadable } = await open(folder).list();
  expect(unreadable).toEqual([]);
  for (const { id, text, isOrphan } of entries) {
    const { version, rest, ...others } = JSON.parse(text) as Record<string, unknown>;
    expect(others).toEqual({ id, end: 'whole' });
    expect(rest).toBe(String(Number(version) % 10).repeat(20_000));
    expect(version).toBeGreaterThanOrEqual(done.get(id) ?? 0);
    if (process.platform === 'linux') expect(isOrphan).toBe(true);
  }
  const listed = entries.map(({ id }) => id);
  expect(listed).toEqual(expect.arrayContaining([...done.keys()].filter((id) => !removing.has(id))));
  // One write can have been cut off.
  expect(namesIn(folder).filter((name) => name.startsWith('.')).length).toBeLessThanOrEqual(1);
}

test(`killed ${KILLS} times at any moment, a process leaves whole texts, and all that it has said to be written`, async () => {
  for (let kill = 0; kill < KILLS; kill += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, checkKill));
});

test('what is added is on the disk in the same turn, whatever ends the process then', async () => {
  const folder = temporaryFolder();
  await runFixture('hold', folder, '1', 'now').ended;
  expect((await open(folder).list()).entries).toMatchObject([{ id: 'held-1', text: 'text 1' }]);
});

onLinux('a process that sleeps keeps what it has, however long, and one that was killed has nothing', async () => {
  const folder = temporaryFolder();
  const child = runFixture('hold', folder, '1');
  await nextLine(child);
  child.process.kill('SIGSTOP');
  // Its lease is 30 s; to those who look it is the year 2100.
  vi.setSystemTime('2100-01-01');
  try {
    const [entry] = (await open(folder).list()).entries;
    expect(entry).toMatchObject({ isOrphan: false });
    expect(entry && (await open(folder).claim(entry))).toBeUndefined();
  } finally {
    vi.useRealTimers();
  }
  child.process.kill('SIGKILL');
  await child.ended;
  const [entry] = (await open(folder).list()).entries;
  expect(entry).toMatchObject({ isOrphan: true });
  expect(entry && (await open(folder).claim(entry))).toEqual({ id: 'held-1', fence: 2 });
});

onLinux('a process that was killed is gone also when its parent does not care', async () => {
  const folder = temporaryFolder();
  // The shell becomes a program that never asks how its children ended.
  const script = '"$@" & exec sleep 600';
  const parent = run('sh', '-c', script, 'sh', ...SCRIPT_COMMAND, fixturePath('hold'), folder, '1');
  const pid = Number(await nextLine(parent));
  expect((await open(folder).list()).entries).toMatchObject([
    { owner: expect.stringContaining(`pid ${pid} on `) as string, isOrphan: false },
  ]);
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => readProcess(pid)?.isDead, { timeout: 30_000 }).toBe(true);
  expect((await open(folder).list()).entries).toMatchObject([{ isOrphan: true }]);
});
