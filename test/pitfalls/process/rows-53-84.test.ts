import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GoogleGenAI } from '@google/genai';
import { expect, it, onTestFinished } from 'vitest';
import { cancelable } from '../../../src/node.js';
import { lighthouse } from '../../support/setup.js';
import { linesOf } from '../../process/harness/script.js';
import { fixture, setUp } from '../../process/harness/set-up.js';

it.each([
  ['exit', [3, null]],
  ['throw', [1, null]],
])('#53 %s during a create: says that a job may run without a name', async (way, ended) => {
  const { emulator, run } = await setUp({ faults: [{ kind: 'hang', route: 'create', when: 'after' }] });
  const script = run(fixture('exit', way, 'on signal'));
  await emulator.waitFor(({ jobs }) => jobs.length === 1);
  script.child.kill('SIGUSR2');
  expect(await script.ended).toEqual(ended);
  expect(linesOf(script)).toContainEqual(expect.stringMatching(/^1 create has no answer\. A job may be running/));
});

it.each(['interactions', 'batches', 'models'] as const)(
  '#84 TLS to a port that speaks plain HTTP: by %s, nothing was sent',
  async (backend) => {
    let requests = 0;
    const server = createServer(() => requests++).listen(0);
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const ai = new GoogleGenAI({ apiKey: 'a-key', httpOptions: { baseUrl: `https://localhost:${port}` } });
    const operation = cancelable(ai).start(lighthouse, { backend });
    operation.on('warning', () => undefined);
    await expect(operation.result()).rejects.toMatchObject({ name: 'NotStartedError', code: 'NOT_SENT' });
    expect([operation.jobs[0]?.state, requests]).toEqual(['not-started', 0]);
  },
);
