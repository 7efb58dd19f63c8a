import { expect, test } from 'vitest';
import { thisMachine, type Machine } from '../../../src/node/journal/machine.js';
import { elsewhere, expireLease, hash, ID, LEASE_MS, machine, onlyEntry, open, temporaryFolder } from './harness.js';

/** Whether an entry is an orphan to one who looks, just after it was written, and long after its lease. */
async function orphanhood(owner: Machine, observer: Machine): Promise<{ fresh: boolean; late: boolean }> {
  const folder = temporaryFolder();
  await open(folder, { machine: owner }).add(ID, 'text');
  const journal = open(folder, { machine: observer });
  const fresh = await onlyEntry(journal);
  expireLease(folder, ID);
  const late = await onlyEntry(journal);
  // A claim succeeds for entries that are said to be orphans, and for no others.
  expect(await journal.claim({ ...late, isOrphan: !late.isOrphan })).toEqual(
    late.isOrphan ? { id: ID, fence: 2 } : undefined,
  );
  return { fresh: fresh.isOrphan, late: late.isOrphan };
}

const NEVER = { fresh: false, late: false };
const ALWAYS = { fresh: true, late: true };
const BY_LEASE = { fresh: false, late: true };
const owner = machine({ pid: 7, start: '50' });

test('an owner that is seen to live has its entry, however old the lease', async () => {
  expect(await orphanhood(owner, machine({}, { 7: '50' }))).toEqual(NEVER);
});

test('an owner that is gone has none', async () => {
  expect(await orphanhood(owner, machine({}))).toEqual(ALWAYS);
});

test('another process with the same id is not the owner', async () => {
  expect(await orphanhood(owner, machine({}, { 7: '51' }))).toEqual(ALWAYS);
});

test('no process lives on after a boot', async () => {
  expect(await orphanhood(owner, machine({ boot: hash() }, { 7: '50' }))).toEqual(ALWAYS);
});

test.each([
  ['on another host', elsewhere()],
  ['on a host that has the same name, where there is no machine id', { ...machine({ boot: hash() }), isUnique: false }],
  ['in another PID namespace', machine({ namespace: hash() })],
  ['that may not be seen', machine({}, { 7: undefined })],
  ['where the system does not tell the boot', machine({ boot: undefined })],
  ['where the system does not tell the namespace', machine({ namespace: undefined })],
])('the lease decides for an owner %s', async (_, observer) => {
  expect(await orphanhood(owner, observer)).toEqual(BY_LEASE);
});

test.each([{ boot: undefined }, { namespace: undefined }, { start: undefined }])(
  'the lease decides for an owner of which the system did not tell %o',
  async (unknown) => {
    const teller = machine({ pid: 7, start: '50', ...unknown });
    expect(await orphanhood(teller, machine(unknown))).toEqual(BY_LEASE);
    expect(await orphanhood(teller, machine({}))).toEqual(BY_LEASE);
  },
);

test('the lease that counts is that of the owner, not that of who looks', async () => {
  const folder = temporaryFolder();
  await open(folder, { machine: elsewhere(), leaseMs: 10 * LEASE_MS }).add(ID, 'text');
  expireLease(folder, ID);
  expect((await onlyEntry(open(folder, { machine: elsewhere(), leaseMs: 1 }))).isOrphan).toBe(false);
});

test('a lease may be as long as anybody likes, and no whole number', async () => {
  const folder = temporaryFolder();
  await open(folder, { machine: elsewhere(), leaseMs: Number.MAX_VALUE }).add(ID, 'text');
  await open(folder, { machine: elsewhere(), leaseMs: 1_000.5 }).add('another', 'text');
  expect(await open(folder).list()).toMatchObject({
    entries: [{ isOrphan: false }, { isOrphan: false }],
    unreadable: [],
  });
});

test('people are told the process, and the host if it is this one', async () => {
  const folder = temporaryFolder();
  await open(folder, { machine: owner }).add(ID, 'text');
  expect((await onlyEntry(open(folder, { machine: machine({}) }))).owner).toBe('pid 7 on build-7');
  expect((await onlyEntry(open(folder, { machine: elsewhere() }))).owner).toBe('pid 7 on another host');
});

test('this process is seen to live, by itself and from a second journal', async () => {
  expect(await orphanhood(thisMachine(), thisMachine())).toEqual(process.platform === 'linux' ? NEVER : BY_LEASE);
});
