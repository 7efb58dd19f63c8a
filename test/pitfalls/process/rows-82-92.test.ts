import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fixture, setUp } from '../../process/harness/set-up.js';
import { inFlight, wire } from '../../process/harness/wire.js';

describe('#82 an operation in a worker thread', () => {
  it('warns that no process signal reaches it', async () => {
    const { emulator, run } = await setUp();
    const script = run(fixture('worker'));
    expect(await script.value('warning')).toBe('no-process-signals');
    await script.value('submitted');
    expect(wire(emulator)).toMatchObject({ creates: 1 });
    script.child.kill('SIGKILL');
    await script.ended;
  });

  it('does not warn with `signals: false`', async () => {
    const { run } = await setUp();
    const script = run(fixture('worker'), { options: { signals: false } });
    await script.value('submitted');
    expect(script.output).not.toContain('@warning');
    script.child.kill('SIGKILL');
    await script.ended;
  });
});

describe('#87 a preload that is slow in worker threads', () => {
  const preload = fileURLToPath(new URL('../../process/fixtures/slow-preload.cjs', import.meta.url));

  it.each(['exit', 'throw'] as const)('does not keep the exit path from cancelling: %s', async (way) => {
    const { emulator, run } = await setUp();
    const script = run(fixture('exit', way, 'on signal'), { env: { NODE_OPTIONS: `--require ${preload}` } });
    await inFlight(emulator);
    script.child.kill('SIGUSR2');
    await script.ended;
    expect(wire(emulator)).toMatchObject({ cancels: 1, jobs: ['cancelled'] });
  });
});

describe('#92 somebody takes all listeners off the process while an operation runs', () => {
  it('and what starts next is cancelled by Ctrl+C all the same', async () => {
    const { emulator, run } = await setUp();
    const script = run(fixture('remove-listeners', 'SIGINT'));
    await script.value('submitted');
    script.child.kill('SIGINT');
    expect(await script.ended).toEqual([null, 'SIGINT']);
    expect(wire(emulator)).toMatchObject({ creates: 2, jobs: ['cancelled', 'cancelled'] });
  });

  it('and what starts next is cancelled when the process exits', async () => {
    const { emulator, run } = await setUp();
    const script = run(fixture('remove-listeners', 'exit'));
    expect(await script.ended).toEqual([3, null]);
    expect(wire(emulator)).toMatchObject({ creates: 2, jobs: ['cancelled', 'cancelled'] });
  });
});
