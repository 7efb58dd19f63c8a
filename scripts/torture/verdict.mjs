import { shaOf } from './diaries.mjs';

/** Answers after which a request may be sent again: nothing was started. */
const PROVES_NOTHING_STARTED = [400, 429, 503];

/**
 * Holds what the server has seen against what users were told, what lies in the output folder, and what is left in the
 * journal. Returns what is wrong, and what there is to be counted.
 */
export async function judge({ server, told, files, journal, processes }) {
  const wrong = [...told.problems.map((problem) => `A process failed: ${problem}`), ...wrongProcesses(processes)];
  const counts = {
    finished: 0,
    delivered: 0,
    lost: 0,
    toldByWarning: 0,
    toldUnfetched: 0,
    startedInDoubt: 0,
    cancelled: 0,
  };
  const byTag = await collect(server, told, files, journal);
  for (const one of byTag.values()) {
    wrong.push(...wrongJobs(one, counts), ...wrongCreates(one), ...wrongFiles(one));
  }
  wrong.push(...wrongClaims(told, processes), ...wrongTelling(told), ...wrongJournal(journal));
  wrong.push(...wrongRecoverers(server));
  return { wrong, counts };
}

/** Everything that is known of each operation, by its tag. */
async function collect(server, told, files, journal) {
  const byTag = new Map();
  for (const operation of told.operations.values()) {
    if (operation.tag === undefined) throw new Error(`The operation ${operation.id} was never told to have started.`);
    byTag.set(operation.tag, {
      operation,
      creates: [],
      jobs: [],
      files: files.get(operation.id) ?? [],
      left: undefined,
    });
  }
  for (const { request, tag } of server.creates) byTag.get(tag).creates.push(request);
  for (const record of server.meter.jobs) {
    const made = record.name === undefined || record.endedAt === undefined ? [] : await server.imagesOf(record);
    const shas = made.map((base64) => shaOf(Buffer.from(base64, 'base64')));
    byTag.get(server.tagOfJob(record)).jobs.push({ record, shas });
  }
  for (const left of journal.operations) {
    const one = byTag.get(left.record.tag);
    if (one !== undefined) one.left = left;
  }
  return byTag;
}

/**
 * Every job is accounted for. One whose name somebody was told, or stands in the journal, must have ended, and its images
 * must be there; one without must be covered by a doubt that was told or stands in the journal, one doubt for each.
 */
function wrongJobs({ operation, jobs, files, left }, counts) {
  const wrong = [];
  const delivered = new Set(files.map(({ sha }) => sha));
  const allDoubts = new Set([...operation.doubts, ...(left?.inDoubt ?? []).map(({ index }) => index)]);
  // A doubt about an image that is there covers no other one.
  const doubts = isBatch(operation) ? allDoubts : withoutDelivered(allDoubts, files);
  const nameless = [];
  for (const { record, shas } of jobs) {
    if (record.name === undefined) continue;
    const about = describe(operation, record);
    const missing = shas.filter((sha) => !delivered.has(sha));
    counts.finished += shas.length;
    counts.delivered += shas.length - missing.length;
    if (record.endReason === 'cancelled') counts.cancelled++;
    if (!isNameKnown(operation, left, record, shas.length > missing.length)) nameless.push(about);
    else if (record.endedAt === undefined) wrong.push(`Running, and its name is known: ${about}`);
    else if (missing.length > 0 && isToldByWarning(operation, record)) counts.toldByWarning += missing.length;
    else if (missing.length > 0) {
      counts.lost += missing.length;
      wrong.push(`Lost: ${missing.length} of ${shas.length} images of ${about}`);
    }
  }
  nameless.push(...uncoveredRequests({ operation, jobs, files }, counts));
  counts.startedInDoubt += Math.min(nameless.length, doubts.size);
  if (nameless.length > doubts.size) {
    const list = nameless.join('; ');
    wrong.push(`Denied: ${nameless.length} unknown, and ${doubts.size} in doubt: ${list}`);
  }
  const isToldOf = operation.settled.length + operation.recovered.length > 0 || left !== undefined;
  // Who got all the images, and was killed before the end was told, has missed nothing.
  const untold = jobs.find(({ record, shas }) => record.name !== undefined && !shas.some((sha) => delivered.has(sha)));
  if (!isToldOf && untold !== undefined) wrong.push(`Forgotten: ${describe(operation, untold.record)}`);
  return wrong;
}

/** A request without a name that has made an image, or still does, and whose image is not there. */
function uncoveredRequests({ operation, jobs, files }, counts) {
  const named = new Set(jobs.flatMap(({ shas }) => shas));
  const requests = jobs.filter(({ record }) => record.name === undefined);
  const made = requests.filter(({ record }) => record.endReason === 'completed' || record.endedAt === undefined);
  const there = files.filter(({ sha }) => !named.has(sha)).length;
  counts.finished += requests.filter(({ record }) => record.endReason === 'completed').length;
  counts.delivered += there;
  const missing = made.slice(there);
  const toldOf = missing.splice(0, withoutDelivered(operation.unfetched, files).size);
  counts.toldUnfetched += toldOf.length;
  return missing.map(({ record }) => describe(operation, record));
}

const isBatch = ({ kind }) => kind === 'batches' || kind === 'startBatch';

function withoutDelivered(indices, files) {
  const places = new Set(files.map(({ place }) => place));
  return new Set([...indices].filter((index) => !places.has(String(index))));
}

function isNameKnown({ names, warnings }, left, { name }, isSomeDelivered) {
  const isWritten = left?.record.jobs.some((job) => job.name === name) === true;
  return isSomeDelivered || isWritten || names.has(name) || warnings.some(({ message }) => message.includes(name));
}

/** A name that arrived when its operation had ended: it is cancelled, and where it had completed by then, that is said. */
function isToldByWarning({ warnings }, { name }) {
  const isAboutIt = ({ code, message }) => code === 'late-job' && message.includes(name);
  return warnings.some((warning) => isAboutIt(warning) && /completed|SUCCEEDED/.test(warning.message));
}

/** A wanted image is asked for once, and again only if nothing can have been started, or a batch is known not to be there. */
function wrongCreates({ operation, creates }) {
  const { kind, numberOfImages } = operation;
  const sent = creates.filter(({ status }) => !PROVES_NOTHING_STARTED.includes(status));
  const answered = sent.filter(({ status, fault }) => status === 200 && fault !== 'garbage');
  const isTooMany = isBatch(operation) ? answered.length > 1 : sent.length > numberOfImages;
  const statuses = sent.map(({ status, faults }) => `${status ?? 'no answer'} ${faults.join('+')}`.trim()).join(', ');
  return isTooMany
    ? [`Asked for more than once: ${operation.tag} (${kind}, ${numberOfImages} images): ${statuses}`]
    : [];
}

/** One image has one file, and every file is an image of the server's. */
function wrongFiles({ operation, jobs, files }) {
  const wrong = operation.images
    .filter(({ how }) => how === 'other bytes')
    .map(({ by, place }) => `Two different images for ${operation.tag} number ${place}: the second by ${by}`);
  const placed = files.filter(({ place }) => !place.startsWith('x'));
  if (new Set(placed.map(({ sha }) => sha)).size < placed.length) {
    wrong.push(`One image in two files: ${operation.tag}: ${placed.map(({ place }) => place).join(', ')}`);
  }
  const named = new Set(jobs.flatMap(({ shas }) => shas));
  const requests = jobs.filter(({ record }) => record.name === undefined && record.endReason === 'completed').length;
  const strange = files.filter(({ sha }) => !named.has(sha));
  if (strange.length > requests) wrong.push(`A file that no job has made: ${operation.tag}`);
  return wrong;
}

/** What was told to have been made is there. */
function wrongTelling({ operations }) {
  return [...operations.values()].flatMap((operation) => {
    const wrong = [];
    const told = new Set(operation.images.map(({ sha }) => sha)).size;
    const made = Math.max(0, ...operation.settled.map((line) => line.made ?? 0));
    if (made > told && operation.recovered.length === 0) wrong.push(`Of ${made} images ${told} came: ${operation.tag}`);
    if (operation.settled.some(({ code }) => code === 'ERR_TAKEN_OVER' || code === 'ERR_JOURNAL')) {
      wrong.push(`The journal failed, or was taken from a living process: ${operation.tag}`);
    }
    if (operation.warnings.some(({ code }) => code === 'journal-failed')) {
      wrong.push(`The journal failed: ${operation.tag}: ${operation.warnings.map(({ message }) => message).join(' ')}`);
    }
    if (operation.recovered.some(({ policy, isDetached }) => policy === 'cancel' && isDetached)) {
      wrong.push(`Cancelled by recover(), though it was detached: ${operation.tag}`);
    }
    return wrong;
  });
}

/** Each change of owner is one process's, and nothing is taken from one that lives and has not ended it. */
function wrongClaims({ claims, operations }, processes) {
  const wrong = [];
  const takers = new Map();
  for (const { id, fence, by, at } of claims) {
    const operation = operations.get(id);
    const key = `${id} ${fence}`;
    if (takers.has(key)) wrong.push(`Taken by ${takers.get(key)} and by ${by}: ${operation.tag}, fence ${fence}`);
    takers.set(key, by);
    const { killedAt = Infinity } = processes.find(({ name }) => name === operation.child) ?? {};
    const settledAt = Math.min(
      Infinity,
      ...operation.settled.filter((line) => line.by === operation.child).map((line) => line.at),
    );
    if (at < killedAt && at < settledAt) wrong.push(`Taken by ${by} while ${operation.child} had it: ${operation.tag}`);
  }
  return wrong;
}

/** What is left is in doubt, and nobody's; nothing is torn. */
function wrongJournal({ operations, unreadable }) {
  const wrong = unreadable.map(({ place, problem }) => `Unreadable in the journal: ${place}: ${problem}`);
  for (const { record, inDoubt, isOrphan } of operations) {
    const isAllInDoubt = inDoubt.length === record.jobs.length;
    if (isAllInDoubt && isOrphan) continue;
    const jobs = record.jobs.map(({ name, state }) => `${name ?? 'no name'} ${state}`).join(', ');
    const owner = isOrphan ? 'an orphan' : 'owned';
    wrong.push(`Left in the journal, and not only in doubt: ${record.tag}, ${owner}, with ${jobs}`);
  }
  return wrong;
}

/** Recoverers speak another version of the API. */
function wrongRecoverers({ creates }) {
  return creates
    .filter(({ request }) => request.path.startsWith('/v1/'))
    .map(({ tag }) => `A recoverer has sent a create: ${tag}`);
}

function wrongProcesses(processes) {
  return processes.flatMap(({ name, ownEnd, isEndless }) => {
    if (ownEnd === undefined || (!isEndless && ownEnd.code === 0)) return [];
    return [`${name} ended by itself with ${ownEnd.code ?? ownEnd.signal}: ${ownEnd.said.slice(0, 500)}`];
  });
}

function describe({ tag, kind, ending, child, settled, claims, recovered, doubts, isCancelling }, record) {
  const { name, index, status, endReason, cancelRequestedAt } = record;
  const story = [
    `${kind} by ${child}`,
    ending !== 'none' && `to ${ending}`,
    isCancelling && 'cancelling',
    ...settled.map(({ by, state, code }) => `${state} for ${by}${code === undefined ? '' : ` (${code})`}`),
    claims.length > 0 && `claimed by ${claims.join(', ')}`,
    ...recovered.map(({ by, policy }) => `recovered by ${by} (${policy})`),
    doubts.size > 0 && `${doubts.size} in doubt`,
    cancelRequestedAt !== undefined && 'asked to cancel',
  ].filter(Boolean);
  return `${tag}, ${name?.slice(0, 24) ?? 'a request'}, job ${index}, ${endReason ?? status} [${story.join(', ')}]`;
}
