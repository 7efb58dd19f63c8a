import { describe, expect, test } from 'vitest';
import { leaveOut } from '../support/runtime.js';
import { SCRIPT_RUNTIME } from './harness/script-command.js';
import { fixture, setUp } from './harness/set-up.js';
import { describeInTerminal } from './harness/terminal.js';
import { CANCELLED_ONCE, gone, inFlight, wire } from './harness/wire.js';

/** A script that says nothing, and one that writes while it is being stopped. */
const SCRIPTS = ['generate', 'chatty'];
/** The end is confirmed long after the first write has failed. */
const LAG = { faults: [{ kind: 'cancel-lag', ms: 500 } as const] };

describeInTerminal('the terminal is closed', () => {
  test.each(SCRIPTS)('under %s: the cancel goes out, and it dies of SIGHUP', async (name) => {
    if (name === 'chatty' && SCRIPT_RUNTIME === 'Deno')
      leaveOut("There the script's own write to the terminal throws.");
    const { emulator, inTerminal } = await setUp(LAG);
    const script = await inTerminal(fixture(name));
    const pid = await script.pid();
    await inFlight(emulator);
    script.close();
    expect(await script.ended).toEqual([null, 'SIGHUP']);
    await gone(pid);
    expect(wire(emulator)).toEqual(CANCELLED_ONCE);
  });
});

describe('nobody reads its pipes any more', () => {
  // Trap #32 of docs/traps.md.
  test.each(SCRIPTS)('under %s: the cancel goes out, and it dies of the signal', async (name) => {
    const { emulator, run } = await setUp(LAG);
    const script = run(fixture(name));
    await inFlight(emulator);
    script.child.stdout?.destroy();
    script.child.stderr?.destroy();
    script.child.kill('SIGINT');
    expect(await script.ended).toEqual([null, 'SIGINT']);
    expect(wire(emulator)).toEqual(CANCELLED_ONCE);
  });
});
