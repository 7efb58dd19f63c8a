import { expect, test } from 'vitest';
import { leftOutFor } from './harness/script-command.js';
import { fixture, setUp } from './harness/set-up.js';
import { describeInTerminal } from './harness/terminal.js';
import { wire } from './harness/wire.js';

const NONE = { SIGINT: 0, SIGTERM: 0, SIGHUP: 0 };
const ONE = { SIGINT: 1, SIGTERM: 1, SIGHUP: 1 };
const NOTHING_SENT = { creates: 0, cancels: 0, jobs: [] };

// Trap #33 of docs/traps.md.
test('listeners are there only while operations are in flight', async () => {
  const { emulator, run } = await setUp({ workMs: 2_000, faults: [{ kind: 'fail', job: 2 }] });
  const script = run(fixture('idle', 'after'));
  const before = await script.value('before');
  expect(before).toMatchObject(NONE);
  expect(await script.value('during')).toMatchObject(ONE);
  expect(await script.value('after')).toEqual(before);
  expect(wire(emulator).jobs.slice(0, 3)).toEqual(['completed', 'cancelled', 'failed']);
});

const NO_IDS = leftOutFor({ Bun: 'Its promises have no ids.', Deno: 'Its promises have no ids.' });

test('operations do not make the promises of the process slower', NO_IDS, async () => {
  const { run } = await setUp({ workMs: 200 });
  expect(await run(fixture('idle', 'after')).value('promise')).toBe(0);
});

describeInTerminal('Ctrl+C with nothing in flight is left to Node', () => {
  test('before the first operation', async () => {
    const { emulator, inTerminal } = await setUp();
    const script = await inTerminal(fixture('idle', 'before'));
    await script.says(/@idle/);
    script.press();
    expect(await script.ended).toEqual([null, 'SIGINT']);
    expect(wire(emulator)).toEqual(NOTHING_SENT);
    expect(script.output).not.toContain('genai-cancel:');
  });

  test('after the last one has settled, or was detached', async () => {
    const { emulator, inTerminal } = await setUp({ workMs: 200 });
    const script = await inTerminal(fixture('idle', 'after'));
    await script.says(/@idle/);
    const { cancels } = wire(emulator);
    script.press();
    expect(await script.ended).toEqual([null, 'SIGINT']);
    expect(wire(emulator).cancels).toBe(cancels);
    expect(script.output).not.toContain('genai-cancel:');
  });
});
