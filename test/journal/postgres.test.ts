import { expect, test } from 'vitest';
import type { Journal } from '../../src/api/journal.js';
import { postgresJournal, type PostgresClient } from '../../src/journal/postgres/postgres-journal.js';

/** A client that gives the same rows to everything. */
function fakeClient(rows: unknown): { client: PostgresClient; sent: { text: string; values: unknown[] }[] } {
  const sent: { text: string; values: unknown[] }[] = [];
  const client = {
    query: (text: string, values: unknown[]) => {
      sent.push({ text, values });
      return Promise.resolve({ rows: rows as unknown[] });
    },
  };
  return { client, sent };
}

const claim = { id: "an id'", fence: 1 };
const entry = { ...claim, text: 'text', isOrphan: true, renewedAt: 0 };
const calls: Record<string, (journal: Journal) => Promise<unknown>> = {
  add: (journal) => journal.add("an id'", "a text'; DROP TABLE"),
  write: (journal) => journal.write(claim, "a text'; DROP TABLE"),
  renew: (journal) => journal.renew(claim),
  release: (journal) => journal.release(claim),
  remove: (journal) => journal.remove(claim),
  claim: (journal) => journal.claim(entry),
  list: (journal) => journal.list(),
};
const changes = Object.entries(calls).filter(([name]) => name !== 'list');

test.each(changes)('%s is one statement, with nothing in it but parameters', async (_, change) => {
  const { client, sent } = fakeClient([{ fence: 1 }]);
  await change(postgresJournal(client, { table: 'app.order', owner: "an owner'", leaseMs: 1234 }));
  await change(postgresJournal(client, { table: 'app.order', owner: 'another', leaseMs: 5678 }));
  expect(sent).toHaveLength(2);
  const [first, second] = sent;
  expect(first?.text).toContain('"app"."order"');
  expect(first?.text).not.toMatch(/an id|an owner|DROP|1234|;/);
  expect(second?.text).toBe(first?.text);
  const parameters = new Set(first?.text.match(/\$\d/g));
  expect(first?.values).toHaveLength(parameters.size);
  expect(first?.values[0]).toBe("an id'");
});

test('what has not been given is the same for all, but for the owner', async () => {
  const { client, sent } = fakeClient([{ fence: 1 }]);
  await postgresJournal(client).add('an id', 'text');
  await postgresJournal(client).add('an id', 'text');
  const owners = sent.map(({ values }) => values[2]);
  expect(sent[0]?.values).toEqual(['an id', 'text', owners[0], 30_000]);
  expect(sent[0]?.text).toContain('INTO "genai_cancel_journal"');
  expect(owners[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(owners[1]).not.toBe(owners[0]);
});

test('a client is called as a method', async () => {
  class Pool {
    readonly #rows = [{ fence: 1 }];
    async query(): Promise<{ rows: unknown[] }> {
      return Promise.resolve({ rows: this.#rows });
    }
  }
  expect(await postgresJournal(new Pool()).renew(claim)).toBe(true);
});

test('list reads the rows, and names those that are none of ours', async () => {
  const row = { id: 'a', text: 'text', fence: 2, owner: null, orphan: true, renewed: 1000.25 };
  const bad = [
    { id: 7 },
    { text: null },
    { fence: '2' },
    { owner: 7 },
    { orphan: 't' },
    { renewed: '1000' },
    { renewed: Infinity },
    { owner: undefined },
  ];
  const rows = [
    row,
    { ...row, id: 'b', owner: 'x', orphan: false },
    ...bad.map((wrong) => ({ ...row, ...wrong })),
    null,
  ];
  const { entries, unreadable } = await postgresJournal(fakeClient(rows).client).list();
  expect(entries).toEqual([
    { id: 'a', text: 'text', fence: 2, isOrphan: true, renewedAt: 1000 },
    { id: 'b', text: 'text', fence: 2, owner: 'x', isOrphan: false, renewedAt: 1000 },
  ]);
  expect(unreadable).toHaveLength(bad.length + 1);
  expect(unreadable[0]?.place).toBe('genai_cancel_journal');
  expect(unreadable[1]).toEqual({
    place: 'genai_cancel_journal a',
    problem: 'Its columns are not those of a journal.',
  });
});

test.each(Object.entries(calls))('%s takes no answer for granted', async (name, change) => {
  for (const rows of [undefined, null, 'OK', {}]) {
    await expect(change(postgresJournal(fakeClient(rows).client))).rejects.toThrow('Expected rows from PostgreSQL');
  }
  await expect(change(postgresJournal({ query: () => Promise.resolve(undefined as never) }))).rejects.toThrow('rows');
  if (name === 'list') return;
  for (const row of [{}, null, { fence: '1' }, { fence: 1.5 }]) {
    await expect(change(postgresJournal(fakeClient([row]).client))).rejects.toThrow('a fence from PostgreSQL');
  }
});

test.each(Object.entries(calls))('%s rejects as the client does', async (_, change) => {
  const failure = new Error('Connection terminated.');
  const rejecting = postgresJournal({ query: () => Promise.reject(failure) });
  const throwing = postgresJournal({
    query: () => {
      throw failure;
    },
  });
  for (const journal of [rejecting, throwing]) await expect(change(journal)).rejects.toBe(failure);
});

test('add rejects if there is such an entry', async () => {
  await expect(postgresJournal(fakeClient([]).client).add('an id', 'text')).rejects.toThrow('an entry an id already');
});

test.each(['23505', '42P07', '42710'])('createTable looks again if another one was faster: %s', async (code) => {
  const failures = [Object.assign(new Error('It exists.'), { code })];
  const sent: string[] = [];
  const query = (text: string): Promise<{ rows: unknown[] }> => {
    sent.push(text);
    const failure = failures.shift();
    return failure === undefined ? Promise.resolve({ rows: [] }) : Promise.reject(failure);
  };
  await postgresJournal({ query }).createTable();
  expect(sent).toHaveLength(2);
});

test('createTable rejects with what else went wrong, and if it stays so', async () => {
  const denied = Object.assign(new Error('permission denied'), { code: '42501' });
  await expect(postgresJournal({ query: () => Promise.reject(denied) }).createTable()).rejects.toBe(denied);
  const taken = Object.assign(new Error('type exists'), { code: '42710' });
  await expect(postgresJournal({ query: () => Promise.reject(taken) }).createTable()).rejects.toBe(taken);
});

test('it says what is wrong with the client or an option, and sends nothing', () => {
  for (const client of [undefined, null, 'postgres://user:secret@host', {}, { query: 1 }]) {
    expect(() => postgresJournal(client as never)).toThrow(TypeError);
    expect(() => postgresJournal(client as never)).toThrow(/`client` to be a PostgreSQL client, with query\(\)/);
    expect(() => postgresJournal(client as never)).not.toThrow(/secret/);
  }
  const { client, sent } = fakeClient([]);
  for (const table of ['', 'a.b.c', 'a"b', 'a b', '1a', 'a;', '.a', 'A', 'a'.repeat(64), 'ä']) {
    expect(() => postgresJournal(client, { table })).toThrow(RangeError);
  }
  expect(() => postgresJournal(client, { table: 1 as never })).toThrow(TypeError);
  expect(() => postgresJournal(client, { leaseMs: 0 })).toThrow(RangeError);
  expect(() => postgresJournal(client, { leaseMs: '1' as never })).toThrow(/`leaseMs` to be a finite number >= 1/);
  expect(() => postgresJournal(client, { owner: '' })).toThrow(/`owner` to be a text that is not empty/);
  expect(() => postgresJournal(client, { owner: 7 as never })).toThrow(TypeError);
  expect(() => postgresJournal(client, { schema: 'x' } as never)).toThrow(/no `schema`. Known are: table, leaseMs/);
  expect(() => postgresJournal(client, null as never)).toThrow(TypeError);
  expect(sent).toEqual([]);
});
