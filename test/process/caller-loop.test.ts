import { expect, test } from 'vitest';
import { fixture, setUp } from './harness/set-up.js';
import { describeInTerminal } from './harness/terminal.js';
import { CANCELLED_ONCE, inFlight, wire } from './harness/wire.js';

describeInTerminal('Ctrl+C with code that would go on to its next paid image', () => {
  // Trap #42 of docs/traps.md.
  test('a loop that catches everything does not get to the next prompt', async () => {
    const { emulator, inTerminal } = await setUp();
    const script = await inTerminal(fixture('loop'));
    await inFlight(emulator);
    script.press();
    expect(await script.ended).toEqual([null, 'SIGINT']);
    expect(wire(emulator)).toEqual(CANCELLED_ONCE);
    expect(script.output).not.toContain('@failed');
  });

  test('nor does one whose job is cancelled while another is still waited for', async () => {
    const { emulator, inTerminal } = await setUp({ faults: [{ kind: 'cancel-lag', ms: 1000, job: 1 }] });
    const script = await inTerminal(fixture('loop', '2'));
    await inFlight(emulator, 2);
    script.press();
    expect(await script.ended).toEqual([null, 'SIGINT']);
    expect(wire(emulator)).toEqual({ creates: 2, cancels: 2, jobs: ['cancelled', 'cancelled'] });
    expect(script.output).not.toContain('@failed');
  });

  // Trap #42 of docs/traps.md.
  test('start() sends nothing from the first press on', async () => {
    const { emulator, inTerminal } = await setUp({ faults: [{ kind: 'cancel-lag', ms: 1000 }] });
    const script = await inTerminal(fixture('start-on-cancelling'));
    await inFlight(emulator);
    script.press();
    expect(await script.ended).toEqual([null, 'SIGINT']);
    expect(script.output).toContain('@started');
    expect(wire(emulator)).toEqual(CANCELLED_ONCE);
  });
});
