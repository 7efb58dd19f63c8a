/** A process that recovers what others have left behind, by one policy. It ends when all that it took has ended. */
import { GoogleGenAI } from '@google/genai';
import { writeSync } from 'node:fs';
import { brief, openDiary } from './diary.mjs';

/** Longer than any create is on its way. */
const LISTED_AFTER_MS = 8_000;

const given = JSON.parse(process.argv[2]);
const { cancelable } = await import(`${given.dist}node.js`);
const { fileJournal } = await import(`${given.dist}file-journal.js`);

const diary = openDiary(given);
process.on('unhandledRejection', (error) => diary.tell('unhandled', { message: String(error?.stack) }));

// Another version of the API than the children speak: a create of a recoverer would be seen on the meter.
const images = cancelable(
  new GoogleGenAI({ apiKey: 'torture', apiVersion: 'v1', httpOptions: { baseUrl: given.url } }),
  { journal: tellingClaims(fileJournal({ folder: given.journal })), pollIntervalMs: 100 },
);

writeSync(1, 'ready\n');
if (given.forgets) await forgetDoubts();
const { policy, limit, timeoutMs, cancelTimeoutMs = 4_000 } = given;
try {
  const more = { cancelTimeoutMs, ...(limit === undefined ? {} : { limit }) };
  const recovery =
    policy === 'cancel'
      ? await images.recover({ policy, ...more })
      : await images.recover({ policy, timeoutMs, ...more });
  const all = recovery.operations.map((one) => (policy === 'cancel' ? takeReport(one) : watch(one)));
  const detached = recovery.leftAlone.filter(({ why }) => why === 'detached').length;
  diary.tell('recovery', { policy, operations: all.length, detached, unreadable: recovery.unreadable });
  await Promise.all(all);
  if (given.forgets) await forgetDoubts();
  diary.tell('end');
} catch (error) {
  diary.tell('unhandled', { message: String(error?.stack) });
}

function tell(one) {
  const { id, record, inDoubt, operation } = one;
  diary.tell('recovered', {
    id,
    tag: record.tag,
    policy,
    isDetached: record.detachedAt !== undefined,
    inDoubt: inDoubt.map(({ index }) => index),
    jobs: brief(operation.jobs),
  });
}

function takeReport(one) {
  const { id, operation, report } = one;
  tell(one);
  if (report.response !== undefined) diary.deliverResponse(operation, report.response);
  settled(id, operation, { outcome: report.outcome });
}

/** What came before there was a listener is in the result. */
async function watch(one) {
  const { id, operation } = one;
  tell(one);
  operation.on('image', ({ index, image }) => diary.deliver(id, index, image));
  operation.on('warning', ({ code, message }) => diary.tell('warning', { id, code, message }));
  try {
    diary.deliverResponse(operation, await operation.result());
    settled(id, operation, {});
  } catch (error) {
    if (error.report?.response !== undefined) diary.deliverResponse(operation, error.report.response);
    settled(id, operation, { code: error.code, outcome: error.report?.outcome });
  }
}

function settled(id, operation, facts) {
  diary.tell('settled', { id, state: operation.state, ...facts, jobs: brief(operation.jobs) });
}

/** What somebody has been told of, and nobody can do anything about: batches could turn up for a while. */
async function forgetDoubts() {
  const { operations } = await images.recover({ policy: 'list' });
  for (const { id, record, inDoubt } of operations) {
    const isTold = record.reportedAt !== undefined && inDoubt.length === record.jobs.length;
    const isOld = record.backend !== 'batches' || Date.now() - record.startedAt > LISTED_AFTER_MS;
    if (isTold && isOld) diary.tell('forgot', { id, wasThere: await images.forget(id) });
  }
}

/** Says what it takes, so that two that take the same are found out. */
function tellingClaims(journal) {
  return {
    leaseMs: journal.leaseMs,
    add: (id, text) => journal.add(id, text),
    write: (claim, text) => journal.write(claim, text),
    renew: (claim) => journal.renew(claim),
    release: (claim) => journal.release(claim),
    remove: (claim) => journal.remove(claim),
    list: () => journal.list(),
    claim: async (entry) => {
      const claim = await journal.claim(entry);
      const names = JSON.parse(entry.text).jobs.flatMap(({ name }) => name ?? []);
      if (claim !== undefined) diary.tell('claim', { ...claim, names });
      return claim;
    },
  };
}
