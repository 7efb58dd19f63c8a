import { expect, it } from 'vitest';
import { memoryJournal } from '../../src/index.js';
import { receiver } from '../../src/webhooks.js';
import { lighthouse, resolution, setup } from '../support/setup.js';
import { parcel, requestOf, SECRET, type Content } from './support.js';

const MOST_REMEMBERED = 10_000;
/** Signatures take real time. */
const PATIENCE_MS = 180_000;

/** A receiver whose journal is down, and an operation whose only reads are those that a delivery causes. */
async function target() {
  const client = { webhook: { uris: ['https://example.com/webhook'] }, logger: { warn: () => undefined } };
  const { clock, emulator, images } = setup({ emulator: { workMs: 100_000_000 }, client });
  const list = () => Promise.reject(new Error('It is down.'));
  const { handle } = receiver({ images, secrets: [SECRET], journal: { ...memoryJournal(), list } });
  const operation = images.start(lighthouse);
  operation.result().catch(() => undefined);
  await resolution(clock, operation.submitted());
  await clock.advance(500_000);
  const send = async (content: Content): Promise<number> => {
    const { status } = await handle(requestOf(await parcel('Standard Webhooks', clock, content)));
    return status;
  };
  const readsFor = async (id: string): Promise<number> => {
    const before = emulator.meter.requestsTo('get').length;
    expect(await send({ id, data: { id: operation.jobs[0]?.name } })).toBe(200);
    await clock.settle();
    return emulator.meter.requestsTo('get').length - before;
  };
  const sendOthers = async (count: number): Promise<void> => {
    for (let sent = 0; sent < count; sent++) expect(await send({ data: {} })).toBe(200);
  };
  return { send, readsFor, sendOthers };
}

it('exactly the last 10,000 deliveries that were taken are remembered', { timeout: PATIENCE_MS }, async () => {
  const { send, readsFor, sendOthers } = await target();
  expect(await readsFor('msg_oldest')).toBe(1);
  expect(await readsFor('msg_next')).toBe(1);
  await sendOthers(MOST_REMEMBERED - 1);
  // One that is not taken must not take the place of another.
  for (let tries = 0; tries < 3; tries++)
    expect(await send({ id: 'msg_failed', data: { id: 'of-another-process' } })).toBe(503);
  expect(await readsFor('msg_next')).toBe(0);
  expect(await readsFor('msg_oldest')).toBe(1);
});
