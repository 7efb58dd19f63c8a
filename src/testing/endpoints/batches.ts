import { type Batch } from '../batch.js';
import { exportRows, geminiBatch, resultLines, vertexJob } from '../batch-resource.js';
import { failPrecondition, jsonResponse, refuse } from '../errors.js';
import { hash, strike, type Answer, type Call } from '../world.js';
import { cancelWork, denyWhileRunning, noted } from './refuse.js';
import { parseBatch, parseJob } from './requests.js';

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
    world.files.add(told, url.origin, world.timers.now(), text);
    batch.responsesFile = name;
  };
  return world.startBatch({ ...rest, name: `batches/${id}`, model, host: 'gemini', onEnd, origin: url.origin }, target);
}

/** `POST …/projects/{p}/locations/{l}/batchPredictionJobs` */
function createJob({ world, record, match: { collection = '' }, target, url }: Call): Batch {
  const { outputPrefix, ...rest } = parseJob(record.body, world.bucket);
  const name = `${collection}/${world.newId('batchPredictionJobs')}`;
  const onEnd = (batch: Batch): void => {
    if (outputPrefix !== undefined) exportRows(batch, world.bucket, outputPrefix);
  };
  return world.startBatch({ ...rest, name, host: 'vertex', onEnd, origin: url.origin }, target);
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
  return jsonResponse({});
}

/** `DELETE …/batches/{id}`: the record goes, the work does not stop. Vertex refuses as long as it goes on. */
export function removeBatch(call: Call): Answer {
  const batch = findBatch(call);
  if (!isGemini(call) && !batch.ended) failPrecondition('Only a job that has ended can be deleted.');
  batch.update({ deleted: true });
  if (isGemini(call)) return jsonResponse({});
  const name = `${batch.spec.name.split('/').slice(0, 4).join('/')}/operations/${batch.record.index + 1}`;
  return jsonResponse({ name, done: true, response: { '@type': 'type.googleapis.com/google.protobuf.Empty' } });
}

const findBatch = (call: Call): Batch => noted(call, call.world.findBatch(call.match));
const isGemini = ({ match }: Call): boolean => match.collection === 'batches';

const resourceAnswer = (batch: Batch): Response =>
  jsonResponse(batch.spec.host === 'gemini' ? geminiBatch(batch) : vertexJob(batch));

const DEFAULT_SIZE = 50;
const MAX_SIZE = 100;

/** `GET …/batches?pageSize=…&pageToken=…`, in the order that is set; on Vertex also `filter=…` */
export function listBatches(call: Call): Answer {
  const { url, world, match } = call;
  const suits = parseFilter(isGemini(call) ? '' : (url.searchParams.get('filter') ?? ''));
  const size = Number(url.searchParams.get('pageSize') ?? 0);
  if (!Number.isInteger(size) || size < 0) refuse(400, 'Invalid value for `pageSize`.');
  const place = PLACES[world.settings.batchListOrder];
  const all = [...world.batches].sort((a, b) => place(a) - place(b));
  const token = url.searchParams.get('pageToken') ?? '';
  const start = all.findIndex((batch) => tokenOf(batch) === token) + 1;
  if (token !== '' && start === 0) refuse(400, 'Invalid `pageToken`.');
  const until = world.timers.now() - (strike(call, 'list-lag')?.ms ?? 0);
  const isListed = ({ spec, record }: Batch): boolean =>
    spec.name.startsWith(`${match.collection ?? ''}/`) && !record.deleted && record.createdAt <= until;
  const rest = all.slice(start).filter((batch) => isListed(batch) && suits(batch));
  const page = rest.slice(0, Math.min(size || DEFAULT_SIZE, MAX_SIZE));
  const last = page.length < rest.length ? page.at(-1) : undefined;
  const nextPageToken = last && tokenOf(last);
  if (isGemini(call)) return jsonResponse({ operations: page.map((batch) => geminiBatch(batch, true)), nextPageToken });
  return jsonResponse({ batchPredictionJobs: page.map(vertexJob), nextPageToken });
}

const PLACES = {
  newest: ({ record }: Batch) => -record.index,
  oldest: ({ record }: Batch) => record.index,
  shuffled: ({ spec }: Batch) => hash(`${spec.name} has its place`),
};

/** Opaque: the next page begins behind this batch, also when newer ones have come. */
const tokenOf = ({ record }: Batch): string => btoa(`behind ${record.index}`);

const TERM = /^(display_name|displayName|state)\s*(=|!=)\s*(?:"([^"]*)"|(\S+))$/;

/** Makes the test of a `filter`: comparisons of `display_name` or `state` with `=` or `!=`, joined by `AND`. */
function parseFilter(filter: string): (batch: Batch) => boolean {
  const terms = filter.trim() === '' ? [] : filter.split(/\s+AND\s+/).map((term) => TERM.exec(term.trim()));
  if (terms.includes(null)) refuse(400, `Invalid filter: ${filter}`);
  return ({ spec, record }) =>
    terms.every((term) => {
      const [, field, operator, quoted, bare] = term ?? [];
      const value = field === 'state' ? record.status : spec.displayName;
      return (value === (quoted ?? bare)) === (operator === '=');
    });
}
