import { afterEach, describe, expect, it, vi } from 'vitest';
import { lighthouse, rejection, resolution, setup } from '../support/setup.js';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A logger that keeps what it is told. */
function createLogger() {
  const warnings: string[] = [];
  const lines: string[] = [];
  const logger = { warn: (message: string) => warnings.push(message), debug: (message: string) => lines.push(message) };
  return { warnings, lines, logger };
}

describe('the option `logger`', () => {
  it('gets the warnings that have no listener, and the console gets none', async () => {
    const onConsole = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const { warnings, logger } = createLogger();
    const { images, clock } = setup({ client: { logger }, emulator: { background: 'refused' } });
    await resolution(clock, images.generateImages(lighthouse));
    expect(warnings).toEqual([expect.stringContaining('cannot be cancelled on the server')]);
    expect(onConsole).not.toHaveBeenCalled();
  });

  it('needs no debug()', async () => {
    const { images, clock } = setup({ client: { logger: { warn: () => undefined } } });
    await expect(resolution(clock, images.generateImages(lighthouse))).resolves.toHaveProperty('generatedImages');
  });

  it('tells each call, response, state and decision in order, with the operation and the time', async () => {
    const { lines, logger } = createLogger();
    const { images, clock } = setup({ client: { logger } });
    const operation = images.start(lighthouse);
    await clock.advance(500);
    const report = await resolution(clock, operation.cancel());
    const { name } = report.jobs[0] ?? {};
    const told = lines.map((line) => {
      expect(line).toMatch(new RegExp(`^${operation.id} \\+\\d+ ms: `, 'u'));
      return line.replace(/^.*? ms: /u, '').replaceAll(String(name), 'NAME');
    });
    expect(told).toEqual([
      'image 0 (interactions): admitted',
      'image 0 (interactions): create sent',
      'NAME (interactions): named',
      'NAME (interactions): status queued',
      'state submitting → queued',
      'NAME: opens a stream',
      'NAME (interactions): status queued',
      'NAME (interactions): status in_progress',
      'state queued → running',
      'NAME (interactions): cancel sent',
      'cancel by cancel',
      'state running → cancelling',
      'NAME (interactions): status cancelled',
      'state cancelling → cancelled',
      'NAME (interactions): cancel acknowledged',
    ]);
  });

  it('gets no secret and no prompt, whatever fails', async () => {
    const { lines, warnings, logger } = createLogger();
    const faults = [
      { kind: 'status', route: 'get', status: 403 },
      { kind: 'status', route: 'cancel', status: 404 },
    ] as const;
    const { images, clock } = setup({ client: { logger }, emulator: { faults } });
    const operation = images.start({ ...lighthouse, prompt: 'the prompt is secret' });
    await clock.advance(500);
    await resolution(clock, operation.cancel(new Error('the reason is private')));
    expect(lines.length).toBeGreaterThan(10);
    expect([...lines, ...warnings].join('\n')).not.toMatch(/secret|a-key|private|iVBOR/u);
  });

  it.each([
    ['throws', { warn: () => { throw new Error('Full.'); }, debug: () => { throw new Error('Full.'); } }], // prettier-ignore
    ['uses `this`', new (class { lines = 0; warn() { this.lines++; } debug() { this.lines++; } })()], // prettier-ignore
  ])('may be one that %s', async (_, logger) => {
    const { images, clock } = setup({ client: { logger }, emulator: { background: 'refused' } });
    await expect(resolution(clock, images.generateImages(lighthouse))).resolves.toHaveProperty('generatedImages');
  });

  it.each([null, 'console', {}, { warn: true }, { warn: () => undefined, debug: 1 }])('is not %o', async (logger) => {
    const { images, clock, routes } = setup();
    const start = images.generateImages(lighthouse, { logger: logger as never });
    expect(await rejection(clock, start)).toMatchObject({ message: expect.stringContaining('`logger`') as string });
    expect(routes()).toEqual([]);
  });
});
