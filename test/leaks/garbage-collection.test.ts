import { GoogleGenAI } from '@google/genai';
import { describe, expect, it } from 'vitest';
import { cancelable } from '../../src/node.js';
import { createEmulator } from '../../src/testing/http/index.js';
import { collectGarbage } from '../support/collect-garbage.js';
import { lighthouse } from '../support/setup.js';

/** An AbortSignal given to the SDK's interactions goes deaf at the next collection: https://github.com/nodejs/undici/issues/4068 */
describe('a garbage collection between start and abort', () => {
  it.each(['while the create is in flight', 'while the job runs'])('changes nothing, %s', async (moment) => {
    const inFlight = moment === 'while the create is in flight';
    const emulator = createEmulator({
      workMs: 60_000,
      faults: inFlight ? [{ kind: 'delay', route: 'create', ms: 300, when: 'after' }] : [],
    });
    await using server = await emulator.listen();
    const images = cancelable(new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: server.url } }));
    const controller = new AbortController();
    const result = images.generateImages({ ...lighthouse, config: { abortSignal: controller.signal } });
    result.catch(() => undefined);
    await emulator.waitFor(({ jobs, openStreams }) => jobs.length === 1 && (inFlight || openStreams === 1));
    collectGarbage();
    controller.abort();
    await expect(result).rejects.toMatchObject({ code: 'ABORT_ERR', report: { outcome: 'cancelled' } });
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
    expect(emulator.meter.requestsTo('cancel')).toHaveLength(1);
  });
});
