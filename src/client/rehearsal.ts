import { resolveSettings } from '../api/options.js';
import { InteractionsBackend } from '../google/interactions/interactions-backend.js';
import { serverOf, type GenAIClient } from '../google/sdk.js';
import { RequestObserver } from '../google/transport.js';
import { Crowd } from '../operation/job/crowd.js';
import { plainPlatform, type Platform } from '../operation/platform.js';
import { OperationRun } from '../operation/run.js';
import { systemClock } from '../util/clock.js';

let isRehearsed = false;

/**
 * Cancels a job that does not exist, once in a process, with the code of a real cancel, but without credentials and without
 * a request: a first run takes milliseconds, which a signal would have to wait for. It lets the create leave first.
 */
export async function rehearseCancel(client: GenAIClient, { track }: Platform): Promise<void> {
  if (isRehearsed) return;
  const answer = (): Promise<Response> => Promise.resolve(Response.json({ id: 'none', status: 'cancelled' }));
  const interactions = new RequestObserver().interactions(client, answer);
  // Methods of the application's own would see the calls, and an SDK that has changed would send them.
  const isOwn = Object.hasOwn(client.interactions, 'cancel') || Object.hasOwn(client.interactions, 'get');
  if (interactions === client.interactions || isOwn) return;
  isRehearsed = true;
  await new Promise<void>((resolve) => void systemClock.setTimeout(resolve, 0));
  const copy = Object.create(client, { interactions: { value: interactions } }) as GenAIClient;
  const backend = new InteractionsBackend(copy, 'none');
  const existing = [{ backend, indices: [0], id: 'none', duplicates: [], state: 'running' as const }];
  const settings = resolveSettings({}, { signals: false, logger: { warn: () => undefined } }, undefined);
  const identity = { id: 'none', tag: undefined, server: serverOf(client) };
  const host = { ...plainPlatform, track };
  const run = new OperationRun({ backend, numberOfImages: 1, existing }, settings, host, identity, new Crowd(0), () => {
    throw new Error('It has no handle.');
  });
  void run.shutDown('SIGINT', true);
  await run.begin();
}
