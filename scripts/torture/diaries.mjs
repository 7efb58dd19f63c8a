import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * All that was told, by operation. The last line of a process that was killed may be cut off: then it was not told.
 */
export function readDiaries(folder) {
  const operations = new Map();
  const told = { operations, claims: [], recoveries: [], problems: [] };
  for (const file of readdirSync(folder)) {
    const by = file.replace('.jsonl', '');
    for (const line of linesOf(join(folder, file), by, told)) take({ by, ...line }, told);
  }
  return told;
}

/** Of one process. */
export function readDiary(folder, name) {
  const told = { operations: new Map(), claims: [], recoveries: [], problems: [] };
  try {
    for (const line of linesOf(join(folder, `${name}.jsonl`), name, told)) take({ by: name, ...line }, told);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  return told;
}

function linesOf(path, by, { problems }) {
  const lines = readFileSync(path, 'utf8').split('\n');
  lines.pop();
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line)];
    } catch {
      problems.push(`${by} has a line that cannot be read: ${line.slice(0, 100)}`);
      return [];
    }
  });
}

function take(line, told) {
  const { what, by, id } = line;
  const of = () => operationOf(told.operations, id);
  switch (what) {
    case 'start':
      Object.assign(of(), { ...line, child: by, startedAt: line.at });
      return;
    case 'recovered':
      of().recovered.push(line);
      line.jobs.forEach((job) => note(of(), job));
      line.inDoubt.forEach((index) => of().doubts.add(index));
      return;
    case 'settled':
      of().settled.push(line);
      for (const job of line.jobs) {
        note(of(), job);
        if (isInDoubt(job)) of().doubts.add(job.index);
        if (by !== of().child && isUnfetched(job)) of().unfetched.add(job.index);
      }
      return;
    case 'landed':
      line.names.forEach((name) => of().names.add(name));
      return;
    case 'cancelling':
      of().isCancelling = true;
      return;
    case 'warning':
      of().warnings.push(line);
      return;
    case 'image':
      of().images.push(line);
      return;
    case 'claim':
      told.claims.push(line);
      of().claims.push(by);
      line.names.forEach((name) => of().names.add(name));
      return;
    case 'recovery':
      told.recoveries.push(line);
      return;
    case 'unhandled':
      told.problems.push(`${by}: ${line.message}`);
  }
}

function operationOf(operations, id) {
  const known = operations.get(id);
  if (known !== undefined) return known;
  const [names, doubts, unfetched] = [new Set(), new Set(), new Set()];
  const fresh = { id, settled: [], recovered: [], claims: [], warnings: [], images: [], names, doubts, unfetched };
  operations.set(id, fresh);
  return fresh;
}

const note = (operation, { name }) => name !== undefined && operation.names.add(name);

/** Its request was sent, and nobody has its name: what the library calls in doubt. */
export function isInDoubt({ name, state, backend }) {
  if (name !== undefined) return false;
  return state === 'submitting' || state === 'unknown' || (backend === 'models' && state === 'running');
}

/** A request that was answered to a process that is gone: whoever recovers it is told that what it made cannot be fetched. */
const isUnfetched = ({ backend, state, code }) =>
  backend === 'models' && state === 'failed' && code === 'ERR_OPERATION_FAILED';

/** The images that lie in the output folder, by operation. */
export function readOutput(folder) {
  const files = new Map();
  for (const file of readdirSync(folder)) {
    const [id, place, png, more] = file.split('.');
    if (png !== 'png' || more !== undefined) continue;
    const bytes = readFileSync(join(folder, file));
    files.set(id, [...(files.get(id) ?? []), { place, sha: shaOf(bytes) }]);
  }
  return files;
}

export const shaOf = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);
