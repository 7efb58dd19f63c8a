import { type Batch } from '../batch.js';
import { exportRows, geminiBatch, listedBatch, resultLines, vertexJob } from '../batch-resource.js';
import { failPrecondition, jsonResponse, refuse } from '../errors.js';
import { fileResource } from '../storage.js';
import { hash, type Answer, type Call } from '../world.js';
import { parseBatch, parseJob } from './batch-request.js';
import { cancelWork, denyWhileRunning, noted } from './refuse.js';

/** A batch of the Gemini API, or a batchPredictionJob of Vertex. The same request twice makes two. */
export function createBatch(call: Call): Answer {
  return resourceAnswer(noted(call, isGemini(call) ? createGeminiBatch(call) : createJob(call)));
}

/** `POST …/models/{m}:batchGenerateContent` */
function createGeminiBatch({ world, record, match: { model = '' }, url, target }: Call): Batch {
  const { isFromFile, ...rest } = parseBatch(record.body, model, world.files);
  const id = world.newId('batches');
  const onEnd = (batch: Batch): void => {
    if (!isFromFile || !batch.hasResults) return;
    const [name, text] = [`files/batch-${id}`, resultLines(batch)];
    const told = { name, mimeType: 'application/jsonl', sizeBytes: String(text.length), source: 'GENERATED' };
    const resource = fileResource(url.origin, world.settings.clock.now(), told);
    world.files.set(name, { text, isComplete: true, resource });
    batch.responsesFile = name;
  };
  return world.startBatch({ ...rest, name: `batches/${id}`, model, host: 'gemini', onEnd }, target);
}

/** `POST …/projects/{p}/locations/{l}/batchPredictionJobs` */
function createJob({ world, record, match: { collection = '' }, target }: Call): Batch {
  const { outputPrefix, ...rest } = parseJob(record.body, world.bucket);
  const name = `${collection}/${world.newId('batchPredictionJobs')}`;
  const onEnd = (batch: Batch): void => {
    if (outputPrefix !== undefined) exportRows(batch, world.bucket, outputPrefix);
  };
  return world.startBatch({ ...rest, name, host: 'vertex', onEnd }, target);
}

/** `GET …/batches/{id}` */
export function getBatch(call: Call): Answer {
  const batch = findBatch(call);
  denyWhileRunning(call, batch);
  return resourceAnswer(batch);
}

/** `POST …/batches/{id}:cancel` */
export function cancelBatch(call: Call): Answer {
  const batch = findBatch(call);
  denyWhileRunning(call, batch);
  // Vertex takes one cancel.
  if (!isGemini(call) && batch.cancelSent) failPrecondition('The job has been cancelled already.');
  cancelWork(call, batch);
  return done;
}

/** `DELETE …/batches/{id}`: the record goes, the work does not stop. Vertex refuses as long as it goes on. */
export function removeBatch(call: Call): Answer {
  const batch = findBatch(call);
  if (!isGemini(call) && !batch.ended) failPrecondition('Only a job that has ended can be deleted.');
  batch.update({ deleted: true });
  if (isGemini(call)) return done;
  const name = `${batch.spec.name.split('/').slice(0, 4).join('/')}/operations/${batch.record.index + 1}`;
  const response = { '@type': 'type.googleapis.com/google.protobuf.Empty' };
  return () => jsonResponse({ name, done: true, response });
}

const findBatch = (call: Call): Batch => noted(call, call.world.findBatch(call.match));

const isGemini = ({ match }: Call): boolean => match.collection === 'batches';

/** Takes the resource as it is now, also for an answer that goes out later. */
function resourceAnswer(batch: Batch): Answer {
  const resource = batch.spec.host === 'gemini' ? geminiBatch(batch) : vertexJob(batch);
  return () => jsonResponse(resource);
}

const done = (): Response => jsonResponse({});

const DEFAULT_SIZE = 50;
const MAX_SIZE = 100;

/** `GET …/batches?pageSize=…&pageToken=…`, in the order that is set; on Vertex also `filter=…` */
export function listBatches(call: Call): Answer {
  const { searchParams } = call.url;
  const filter = isGemini(call) ? '' : (searchParams.get('filter') ?? '');
  const suits = parseFilter(filter) ?? refuse(400, `Invalid filter: ${filter}`);
  const size = Number(searchParams.get('pageSize') ?? 0);
  if (!Number.isInteger(size) || size < 0) refuse(400, 'Invalid value for `pageSize`.');
  const all = inOrder(call);
  const start = startOf(searchParams.get('pageToken') ?? '', all) ?? refuse(400, 'Invalid `pageToken`.');
  const isListed = isListedFor(call);
  const rest = all.slice(start).filter((batch) => isListed(batch) && suits(batch));
  const page = rest.slice(0, Math.min(size === 0 ? DEFAULT_SIZE : size, MAX_SIZE));
  const resources = page.map(isGemini(call) ? listedBatch : vertexJob);
  const last = page.length < rest.length ? page.at(-1) : undefined;
  const body = {
    [isGemini(call) ? 'operations' : 'batchPredictionJobs']: resources,
    nextPageToken: last && tokenOf(last),
  };
  return () => jsonResponse(body);
}

/** All batches in the order of the list. */
function inOrder({ world: { batches, settings } }: Call): Batch[] {
  if (settings.batchListOrder === 'newest') return [...batches].reverse();
  if (settings.batchListOrder === 'oldest') return [...batches];
  const place = ({ spec }: Batch): number => hash(`${spec.name} has its place`);
  return [...batches].sort((a, b) => place(a) - place(b));
}

/** Makes the test for batches that the list of the collection knows of. */
function isListedFor(call: Call): (batch: Batch) => boolean {
  const until = call.world.settings.clock.now() - (call.strike('list-lag')?.ms ?? 0);
  const prefix = `${call.match.collection ?? ''}/`;
  return ({ spec, record }) => spec.name.startsWith(prefix) && !record.deleted && record.createdAt <= until;
}

/** Opaque: the next page begins behind this batch, also when newer ones have come. */
const tokenOf = ({ record }: Batch): string => btoa(`behind ${record.index}`);

/** Finds the start of a token's page; undefined for a token that is none of ours. */
function startOf(token: string, all: readonly Batch[]): number | undefined {
  if (token === '') return 0;
  const place = all.findIndex((batch) => tokenOf(batch) === token);
  return place === -1 ? undefined : place + 1;
}

const TERM = /^(display_name|displayName|state)\s*(=|!=)\s*(?:"([^"]*)"|(\S+))$/;

/**
 * Whether a job is one that `filter` asks for: comparisons of `display_name` or `state` with `=` or `!=`, joined by
 * `AND`; undefined when it is anything else.
 */
function parseFilter(filter: string): ((batch: Batch) => boolean) | undefined {
  if (filter.trim() === '') return () => true;
  const terms = filter.split(/\s+AND\s+/).map((term) => TERM.exec(term.trim()));
  if (terms.includes(null)) return undefined;
  return ({ spec, record }) =>
    terms.every((term) => {
      const [, field = '', operator, quoted, bare] = term ?? [];
      const value = field === 'state' ? record.status : spec.displayName;
      return (value === (quoted ?? bare)) === (operator === '=');
    });
}
