import { expect, test } from 'vitest';
import { fixture, setUp } from './harness/set-up.js';
import { describeInTerminal } from './harness/terminal.js';
import { inFlight, wire } from './harness/wire.js';

/** A second press that a person means. */
const SECOND_PRESS_MS = 800;
/** Earlier than the budget of 8 s and later than any leaving at once. */
const WELL_BEFORE_THE_BUDGET_MS = 7_000;

describeInTerminal('a second Ctrl+C', () => {
  // Trap #31 of docs/traps.md.
  test('leaves at once, and says what may still run', async () => {
    const { emulator, inTerminal } = await setUp({ faults: [{ kind: 'hang', route: 'cancel' }] });
    const script = await inTerminal(fixture('generate'));
    await inFlight(emulator);
    const pressedAt = Date.now();
    script.press();
    // From here on the first one counts, however slow this machine is.
    await script.says(/cancelling 1 job on the server/);
    setTimeout(() => script.press(), SECOND_PRESS_MS);
    expect(await script.ended).toEqual([null, 'SIGINT']);
    expect(script.endedAt - pressedAt).toBeGreaterThanOrEqual(SECOND_PRESS_MS);
    expect(script.endedAt - pressedAt).toBeLessThan(WELL_BEFORE_THE_BUDGET_MS);
    expect(wire(emulator)).toEqual({ creates: 1, cancels: 1, jobs: ['running'] });
    expect(script.output).toContain(`npx --no genai-cancel cancel ${String(emulator.meter.jobs[0]?.name)}`);
  });

  test('leaves at once too where the answer to the create is still out', async () => {
    const { emulator, inTerminal } = await setUp({ faults: [{ kind: 'hang', route: 'create', when: 'after' }] });
    const script = await inTerminal(fixture('generate'));
    await emulator.waitFor(({ jobs }) => jobs.length === 1);
    const pressedAt = Date.now();
    script.press();
    // From here on the first one counts, however slow this machine is.
    await script.says(/1 create has no answer yet/);
    setTimeout(() => script.press(), SECOND_PRESS_MS);
    expect(await script.ended).toEqual([null, 'SIGINT']);
    expect(script.endedAt - pressedAt).toBeLessThan(WELL_BEFORE_THE_BUDGET_MS);
    expect(wire(emulator)).toEqual({ creates: 1, cancels: 0, jobs: ['running'] });
    expect(script.output).toContain(
      '1 create has no answer. A job may be running and being paid for; its name was never received',
    );
  });
});

test('of SIGTERM after SIGINT: leaves at once, of the first signal', async () => {
  const { emulator, run } = await setUp({ faults: [{ kind: 'hang', route: 'cancel' }] });
  const script = run(fixture('generate'));
  await inFlight(emulator);
  const sentAt = Date.now();
  script.child.kill('SIGINT');
  await script.says(/cancelling 1 job on the server/);
  setTimeout(() => script.child.kill('SIGTERM'), SECOND_PRESS_MS);
  expect(await script.ended).toEqual([null, 'SIGINT']);
  expect(script.endedAt - sentAt).toBeLessThan(WELL_BEFORE_THE_BUDGET_MS);
});
