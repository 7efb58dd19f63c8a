import type { CloudStorage } from '../../api/cloud-storage.js';
import { isObject, parseJson } from '../../util/json.js';

/** One line of `predictions*.jsonl`; `undefined` if it is not an object. */
export type ResultRow = Record<string, unknown> | undefined;

const NEWLINE = 10;

/** The rows that a batch has written into a folder, in the order of the files and of the lines in them. */
export async function readRows(storage: CloudStorage, folder: string): Promise<readonly ResultRow[]> {
  const [, bucketName = '', path = ''] = /^gs:\/\/([^/]+)\/?(.*?)\/*$/.exec(folder) ?? [];
  const bucket = storage.bucket(bucketName);
  const [files] = await bucket.getFiles({ prefix: `${path === '' ? '' : `${path}/`}predictions` });
  const names = files.map(({ name }) => name).filter((name) => name.endsWith('.jsonl'));
  const rows: ResultRow[] = [];
  // One after another: each holds the images of many rows.
  for (const name of names.sort()) {
    const [content] = await bucket.file(name).download();
    // One by one: a call does not take as many arguments as a file may have lines.
    for (const row of rowsOf(content)) rows.push(row);
  }
  return rows;
}

/** Line by line: a file of images can be longer than a string may be. */
export function* rowsOf(content: Uint8Array): Generator<ResultRow> {
  const decoder = new TextDecoder();
  for (let start = 0; start < content.length;) {
    const newline = content.indexOf(NEWLINE, start);
    const end = newline === -1 ? content.length : newline;
    const line = decoder.decode(content.subarray(start, end)).trim();
    if (line !== '') yield parseRow(line);
    start = end + 1;
  }
}

function parseRow(line: string): ResultRow {
  const row = parseJson(line);
  return isObject(row) ? row : undefined;
}
