import { expect, test } from 'vitest';
import type { Journal } from '../../src/api/journal.js';
import { redisJournal, type RedisClient } from '../../src/journal/redis/redis-journal.js';

/** A client that gives the same answer to everything. */
function fakeClient(...answers: unknown[]): { client: RedisClient; sent: string[][] } {
  const sent: string[][] = [];
  const call = async (...command: string[]): Promise<unknown> => {
    sent.push(command);
    return Promise.resolve(answers.length > 1 ? answers.shift() : answers[0]);
  };
  return { client: { call }, sent };
}

const claim = { id: 'an id', fence: 1 };
const entry = { ...claim, text: 'text', isOrphan: true, renewedAt: 0 };
const calls: Record<string, (journal: Journal) => Promise<unknown>> = {
  add: (journal) => journal.add('an id', "'a text' .. return"),
  write: (journal) => journal.write(claim, "'a text' .. return"),
  renew: (journal) => journal.renew(claim),
  release: (journal) => journal.release(claim),
  remove: (journal) => journal.remove(claim),
  claim: (journal) => journal.claim(entry),
  list: (journal) => journal.list(),
};
const changes = Object.entries(calls).filter(([name]) => name !== 'list');

test.each(changes)('%s is one script, with both keys in one slot and all else as arguments', async (_, change) => {
  const { client, sent } = fakeClient(1);
  await change(redisJournal(client, { prefix: "p' .. x", owner: 'an owner', leaseMs: 1234 }));
  await change(redisJournal(client, { prefix: "p' .. x", owner: 'another', leaseMs: 5678 }));
  expect(sent).toHaveLength(2);
  for (const [command, , count, ...rest] of sent) {
    expect([command, count]).toEqual(['eval', '2']);
    expect(rest.slice(0, 3)).toEqual(["{p' .. x}:leases", "{p' .. x}:texts", 'an id']);
    expect(rest.every((value) => typeof value === 'string')).toBe(true);
  }
  expect(sent[0]?.[1]).toBe(sent[1]?.[1]);
});

test('what has not been given is the same for all, but for the owner', async () => {
  const { client, sent } = fakeClient(1);
  await redisJournal(client).add('an id', 'text');
  await redisJournal(client).add('an id', 'text');
  const owners = sent.map((command) => command.splice(7, 1)[0]);
  expect(sent[0]?.slice(2)).toEqual(['2', '{genai-cancel}:leases', '{genai-cancel}:texts', 'an id', 'text', '30000']);
  expect(owners[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(owners[1]).not.toBe(owners[0]);
});

test('a client is called as the kind that it is', async () => {
  const sent: unknown[] = [];
  class NodeRedis {
    readonly #answer = 1;
    async sendCommand(args: string[]): Promise<unknown> {
      sent.push(args);
      return Promise.resolve(this.#answer);
    }
  }
  class Ioredis {
    readonly #answer = 1;
    async call(...args: string[]): Promise<unknown> {
      sent.push(args);
      return Promise.resolve(this.#answer);
    }
    sendCommand(): never {
      throw new Error('Wants a Command.');
    }
  }
  for (const client of [new NodeRedis(), new Ioredis()]) await redisJournal(client).renew(claim);
  expect(sent[0]).toHaveLength(8);
  expect(sent[1]).toEqual(sent[0]);
});

test.each([1, '1', 1n, Buffer.from('1')])('%o is a number', async (answer) => {
  const { client } = fakeClient(answer);
  expect(await redisJournal(client).claim(entry)).toEqual({ id: 'an id', fence: 1 });
});

test.each(changes)('%s takes no answer for granted', async (_, change) => {
  for (const answer of [null, undefined, 'OK', '', -1, 1.5, [], {}, true, '9'.repeat(16)]) {
    await expect(change(redisJournal(fakeClient(answer).client))).rejects.toThrow('a whole number from Redis');
  }
});

test('list asks until the cursor is 0, and keeps the later one of what comes twice', async () => {
  const { client, sent } = fakeClient(
    ['17', '1000', 'a', '1 500 900 x', 'old', 'b', '3 500 1001 an owner, with words', 'text'],
    [Buffer.from('0'), 1000, Buffer.from('a'), Buffer.from('2 600 0 '), Buffer.from('néw')],
  );
  expect(await redisJournal(client).list()).toEqual({
    entries: [
      { id: 'a', fence: 2, text: 'néw', isOrphan: true, renewedAt: 600 },
      { id: 'b', fence: 3, text: 'text', owner: 'an owner, with words', isOrphan: false, renewedAt: 500 },
    ],
    unreadable: [],
  });
  expect(sent.map((command) => command.slice(5))).toEqual([
    ['0', '100'],
    ['17', '100'],
  ]);
});

test('list names what is none of ours', async () => {
  const endless = `1 ${'9'.repeat(400)} 3 x`;
  const rows = ['a', 'junk', 'text', 'b', '1 2 3 x', null, 'c', '1 2 3 x', 'text', 'd', endless, 'text'];
  const { client } = fakeClient(['0', '1000', ...rows]);
  const { entries, unreadable } = await redisJournal(client).list();
  expect(entries.map(({ id }) => id)).toEqual(['c']);
  expect(unreadable).toEqual([
    { place: '{genai-cancel}:leases a', problem: 'Its lease is not one that a journal wrote.' },
    { place: '{genai-cancel}:leases b', problem: 'It has no text.' },
    { place: '{genai-cancel}:leases d', problem: 'Its lease is not one that a journal wrote.' },
  ]);
});

test('list takes no answer for granted', async () => {
  const pages = [
    null,
    'OK',
    1,
    [],
    ['0'],
    ['x', '1'],
    [null, '1'],
    ['0', 'x'],
    ['0', '1', 'id'],
    ['0', '1', null, '', ''],
  ];
  for (const page of pages) await expect(redisJournal(fakeClient(page).client).list()).rejects.toThrow('from Redis');
});

test.each(Object.entries(calls))('%s rejects as the client does', async (_, change) => {
  const failure = new Error('Connection is closed.');
  const rejecting = redisJournal({ call: () => Promise.reject(failure) });
  const throwing = redisJournal({
    call: () => {
      throw failure;
    },
  });
  for (const journal of [rejecting, throwing]) await expect(change(journal)).rejects.toBe(failure);
});

test('add rejects if there is such an entry', async () => {
  await expect(redisJournal(fakeClient(0).client).add('an id', 'text')).rejects.toThrow('an entry an id already');
});

test('it says what is wrong with the client or an option, and sends nothing', () => {
  for (const client of [undefined, null, 'redis://user:secret@host', {}, () => 1, { call: 1 }]) {
    expect(() => redisJournal(client as never)).toThrow(TypeError);
    expect(() => redisJournal(client as never)).toThrow(
      /`client` to be a Redis client, with call\(\) .* sendCommand\(\)/,
    );
    expect(() => redisJournal(client as never)).not.toThrow(/secret/);
  }
  const { client, sent } = fakeClient(1);
  expect(() => redisJournal(client, { prefix: '' })).toThrow(/`prefix` .*, got an empty string/);
  expect(() => redisJournal(client, { prefix: 'a{b}' })).toThrow(/`prefix` to be a text without braces/);
  expect(() => redisJournal(client, { prefix: 1 as never })).toThrow(TypeError);
  expect(() => redisJournal(client, { leaseMs: 0 })).toThrow(RangeError);
  expect(() => redisJournal(client, { leaseMs: '1' as never })).toThrow(/`leaseMs` to be a finite number >= 1/);
  expect(() => redisJournal(client, { owner: '' })).toThrow(/`owner` to be a text that is not empty/);
  expect(() => redisJournal(client, { owner: 7 as never })).toThrow(TypeError);
  expect(() => redisJournal(client, { key: 'x' } as never)).toThrow(/no `key`. Known are: prefix, leaseMs, owner/);
  expect(() => redisJournal(client, null as never)).toThrow(TypeError);
  expect(sent).toEqual([]);
});
