import { GoogleGenAI } from '@google/genai';
import { expect, it } from 'vitest';
import { cancelable, memoryJournal, type CancelableImages } from '../../src/index.js';
import { createEmulator, createVirtualClock } from '../../src/testing/index.js';
import { lighthouse, resolution } from '../support/setup.js';

const clock = createVirtualClock();
const emulator = createEmulator({ clock, workMs: 3_600_000 });

/** A gateway that serves each team at a path of its own. */
const gateway: typeof fetch = (input, init) => {
  const request = new Request(input, init);
  return emulator.fetch(new Request(request.url.replace(/\/team-[a-z]/, ''), request));
};

function clientAt(baseUrl: string, journal = memoryJournal()): CancelableImages {
  const ai = new GoogleGenAI({ apiKey: 'a-key', httpOptions: { baseUrl, fetch: gateway } });
  return cancelable(ai, { clock, journal });
}

const made = 'https://gateway.example/team-a';

it.each(['https://gateway.example/team-b', 'https://gateway.example', 'https://gateway.example/team-a/sub'])(
  '#93 a name of another base URL: what was made at /team-a is not attached to at %s',
  async (elsewhere) => {
    const operation = clientAt(made).start(lighthouse);
    await resolution(clock, operation.submitted());
    const snapshot = operation.toJSON();
    const cancels = emulator.meter.requestsTo('cancel').length;
    expect(() => clientAt(elsewhere).attach(snapshot)).toThrow(/httpOptions\.baseUrl.*team-a/);
    expect(emulator.meter.requestsTo('cancel')).toHaveLength(cancels);
    const again = clientAt(`${made}/`).attach(snapshot);
    expect(await resolution(clock, again.cancel())).toMatchObject({ outcome: 'cancelled' });
  },
);

it('#93 a name of another base URL: a record is left to a client for it', async () => {
  const journal = memoryJournal();
  const operation = clientAt(made, journal).start(lighthouse);
  await resolution(clock, operation.submitted());
  const [entry] = (await journal.list()).entries;
  const left = memoryJournal({ clock });
  await left.release(await left.add(operation.id, entry?.text ?? ''));
  const other = await resolution(clock, clientAt('https://gateway.example/team-b', left).recover({ policy: 'cancel' }));
  expect(other).toMatchObject({ operations: [], skipped: [{ id: operation.id, reason: 'other-server' }] });
  expect(emulator.meter.running()).toHaveLength(1);
  await resolution(clock, operation.cancel());
});

it('#93 a name of another base URL: a snapshot of an earlier version, without a path, is still attached to', async () => {
  const operation = clientAt(made).start(lighthouse);
  await resolution(clock, operation.submitted());
  const { server, ...others } = operation.toJSON();
  const { path, ...older } = server;
  expect(path).toBe('/team-a/');
  const again = clientAt(made).attach({ ...others, server: older });
  expect(await resolution(clock, again.cancel())).toMatchObject({ outcome: 'cancelled' });
});

it('#93 a name of another base URL: a cancel by name leaves the record of another server alone', async () => {
  const journal = memoryJournal({ clock });
  const operation = clientAt(made).start(lighthouse);
  await resolution(clock, operation.submitted());
  const { jobs } = operation.toJSON();
  const record = { ...operation.toJSON(), writtenAt: clock.now() };
  await journal.release(await journal.add(operation.id, JSON.stringify(record)));
  const elsewhere = clientAt('https://gateway.example/team-b', journal);
  // The emulator behind the gateway is one: the name is known to both teams.
  expect(await resolution(clock, elsewhere.cancel(jobs[0]?.name ?? ''))).toMatchObject({ outcome: 'cancelled' });
  expect((await journal.list()).entries).toHaveLength(1);
  await resolution(clock, clientAt(made, journal).cancel(jobs[0]?.name ?? ''));
  expect((await journal.list()).entries).toEqual([]);
});

it('#93 a name of another base URL: attach by name leaves the record of another server alone', async () => {
  const journal = memoryJournal({ clock });
  const operation = clientAt(made).start(lighthouse);
  await resolution(clock, operation.submitted());
  const record = { ...operation.toJSON(), writtenAt: clock.now() };
  await journal.release(await journal.add(operation.id, JSON.stringify(record)));
  const other = clientAt('https://gateway.example/team-b', journal).attach(operation.jobs[0]?.name ?? '');
  await resolution(clock, other.cancel());
  const { entries } = await journal.list();
  expect(entries.map(({ id, isOrphan }) => [id, isOrphan])).toContainEqual([operation.id, true]);
});
