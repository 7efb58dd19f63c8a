import type { ItemSpec } from '../batch/batch-item.js';
import type { FileStore } from '../files.js';
import { isObject, objectAt, stringAt, type JsonObject } from '../json.js';
import { parseContent } from './content-request.js';
import { unknownField } from './create-request.js';
import { rowsOf } from './rows.js';

/** The request for a batch, taken apart. */
export interface BatchRequest {
  readonly displayName: string | undefined;
  readonly items: readonly ItemSpec[];
  readonly isFromFile: boolean;
}

/** Fields of GenerateContentBatch that a client may set. */
const FIELDS = new Set('model name displayName inputConfig priority webhookConfig'.split(' '));
const REQUEST_FIELDS = new Set(['request', 'metadata']);

/** Reads the body of `:batchGenerateContent`; a string is the message of a 400. */
export function parseBatch(body: unknown, model: string, files: FileStore): BatchRequest | string {
  const batch = isObject(body) ? objectAt(body, 'batch') : undefined;
  if (!isObject(body) || batch === undefined) return 'BatchGenerateContentRequest.batch is required.';
  const input = objectAt(batch, 'inputConfig');
  const requests = objectAt(input, 'requests')?.['requests'];
  const wrong =
    unknownField(body, new Set(['batch'])) ??
    unknownField(batch, FIELDS, 'batch') ??
    unknownField(input ?? {}, new Set(['requests', 'fileName']), 'batch.input_config');
  if (wrong !== undefined) return wrong;
  const displayName = stringAt(batch, 'displayName');
  const fileName = stringAt(input, 'fileName');
  if (fileName !== undefined) {
    const file = files.find(fileName);
    if (file === undefined) return `The input file ${fileName} does not exist or is not accessible.`;
    return { displayName, items: rowsOf(file.text, model), isFromFile: true };
  }
  const wrongList = wrongRequests(requests);
  if (wrongList !== undefined) return wrongList;
  const items = (requests as JsonObject[]).map((source) => ({
    source,
    request: parseContent(objectAt(source, 'request') ?? {}, model),
  }));
  return { displayName, items, isFromFile: false };
}

function wrongRequests(requests: unknown): string | undefined {
  if (!Array.isArray(requests) || requests.length === 0)
    return 'Either requests or file_name must be set in input_config.';
  const list = requests as readonly unknown[];
  if (!list.every(isObject)) return 'Invalid value at batch.input_config.requests.requests.';
  return list.map((request) => unknownField(request, REQUEST_FIELDS, 'requests')).find((wrong) => wrong !== undefined);
}
