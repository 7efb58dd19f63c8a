import { expect, test } from 'vitest';
import { linesOf } from './harness/script.js';
import { fixture, setUp } from './harness/set-up.js';
import { describeInTerminal } from './harness/terminal.js';
import { CANCELLED_ONCE, inFlight, wire } from './harness/wire.js';

describeInTerminal('Ctrl+C in a terminal', () => {
  // Trap #31 of docs/traps.md.
  test('cancels the job on the server, then the script dies of SIGINT', async () => {
    const { emulator, inTerminal } = await setUp();
    const script = await inTerminal(fixture('generate'));
    await inFlight(emulator);
    script.press();
    expect(await script.ended).toEqual([null, 'SIGINT']);
    expect(wire(emulator)).toEqual(CANCELLED_ONCE);
    expect(linesOf(script)).toEqual([
      'SIGINT: cancelling 1 job on the server. Press Ctrl+C again to quit now.',
      'images: 1 cancelled (confirmed by the server).',
    ]);
  });

  test('cancels every job of several images', async () => {
    const { emulator, inTerminal } = await setUp();
    const script = await inTerminal(fixture('generate', '3'));
    await inFlight(emulator, 3);
    script.press();
    expect(await script.ended).toEqual([null, 'SIGINT']);
    expect(wire(emulator)).toEqual({ creates: 3, cancels: 3, jobs: ['cancelled', 'cancelled', 'cancelled'] });
  });

  test('while the create is in flight: waits for its answer and cancels the job that it names', async () => {
    const { emulator, inTerminal } = await setUp({ faults: [{ kind: 'delay', route: 'create', ms: 1000 }] });
    const script = await inTerminal(fixture('generate'));
    await emulator.waitFor(({ jobs }) => jobs.length === 1);
    script.press();
    expect(await script.ended).toEqual([null, 'SIGINT']);
    expect(wire(emulator)).toEqual(CANCELLED_ONCE);
  });

  test('three SIGINTs within 50 ms are one press', async () => {
    const { emulator, inTerminal } = await setUp({ faults: [{ kind: 'cancel-lag', ms: 1000 }] });
    const script = await inTerminal(fixture('generate'));
    await inFlight(emulator);
    script.press();
    setTimeout(() => script.press(), 20);
    setTimeout(() => script.press(), 40);
    expect(await script.ended).toEqual([null, 'SIGINT']);
    expect(wire(emulator)).toEqual(CANCELLED_ONCE);
    expect(emulator.meter.jobs[0]?.endedAt).toBeLessThanOrEqual(script.endedAt);
  });

  test('says what came of it before it dies, and tells no caller', async () => {
    const { emulator, inTerminal } = await setUp();
    const script = await inTerminal(fixture('settled'));
    await inFlight(emulator);
    script.press();
    expect(await script.ended).toEqual([null, 'SIGINT']);
    expect(await script.value('settled')).toEqual({ state: 'cancelled', trigger: 'SIGINT', outcome: 'cancelled' });
    expect(script.output).not.toContain('@told');
    // The script has listened to the end and said it: the library does not say it again.
    expect(script.output).not.toContain('genai-cancel:');
  });
});
