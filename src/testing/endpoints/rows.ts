import type { ItemSpec } from '../batch/batch-item.js';
import { isObject, isTooDeep, objectAt } from '../json.js';
import { parseContent } from './content-request.js';

/** The requests of a file, one JSON object a line. A line that cannot be read is a request that fails. */
export function rowsOf(text: string, model: string): ItemSpec[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => readRow(line, model));
}

function readRow(line: string, model: string): ItemSpec {
  try {
    const source = JSON.parse(line) as unknown;
    if (isTooDeep(source)) return { source: {}, request: 'The row is nested too deep.' };
    const request = isObject(source) ? objectAt(source, 'request') : undefined;
    if (isObject(source) && request !== undefined) return { source, request: parseContent(request, model) };
    return { source: isObject(source) ? source : {}, request: 'The row has no request.' };
  } catch {
    return { source: {}, request: 'The row is not JSON.' };
  }
}
