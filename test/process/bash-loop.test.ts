import { expect, test } from 'vitest';
import { SCRIPT_COMMAND_LINE } from './harness/script-command.js';
import { fixturePath, setUp } from './harness/set-up.js';
import { describeInTerminal } from './harness/terminal.js';
import { CANCELLED_ONCE, inFlight, wire } from './harness/wire.js';

describeInTerminal('a loop of bash around the script', () => {
  test('is stopped by one Ctrl+C', async () => {
    const { emulator, inTerminal } = await setUp();
    const loop = `for i in 1 2 3; do ${SCRIPT_COMMAND_LINE} "${fixturePath('generate')}"; done; echo went on`;
    const shell = await inTerminal(['bash', '-c', loop]);
    await inFlight(emulator);
    shell.press();
    expect(await shell.ended).toEqual([null, 'SIGINT']);
    expect(wire(emulator)).toEqual(CANCELLED_ONCE);
    expect(shell.output).not.toContain('went on');
  });
});
