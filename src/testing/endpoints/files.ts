import type { Answer, Call } from '../call.js';
import { errorOn, jsonResponse, notFound } from '../errors.js';
import { isObject, objectAt, stringAt } from '../json.js';

/** `POST /upload/…/files`, the resumable protocol: a start, which answers an address, and then pieces to that address. */
export function uploadFile(call: Call): Answer {
  const name = call.url.searchParams.get('upload_id');
  return name === null ? startUpload(call) : addPiece(call, name);
}

function startUpload({ headers, url, match, world: { files }, record }: Call): Answer {
  if (headers.get('x-goog-upload-command') !== 'start') {
    return () => errorOn('file-upload', 400, 'Only resumable uploads are emulated.');
  }
  const body = isObject(record.body) ? objectAt(record.body, 'file') : undefined;
  const displayName = stringAt(body, 'displayName') ?? stringAt(body, 'display_name');
  const sizeBytes = headers.get('x-goog-upload-header-content-length') ?? '0';
  const mimeType = headers.get('x-goog-upload-header-content-type') ?? 'application/octet-stream';
  const name = files.nextName;
  const told = { sizeBytes, source: 'UPLOADED', ...(displayName !== undefined && { displayName }) };
  files.put(name, url.origin, { mimeType, text: '', isComplete: false }, told);
  const address = `${url.origin}/upload/${match.version ?? ''}/files?upload_id=${name}&upload_protocol=resumable`;
  return () => jsonResponse({}, { headers: { 'x-goog-upload-url': address, 'x-goog-upload-status': 'active' } });
}

function addPiece({ headers, world, text }: Call, name: string): Answer {
  const file = world.files.find(name, false);
  if (file === undefined) return () => notFound('file-upload');
  file.text += text;
  file.isComplete = headers.get('x-goog-upload-command')?.includes('finalize') === true;
  const status = file.isComplete ? 'final' : 'active';
  return () => jsonResponse({ file: file.resource }, { headers: { 'x-goog-upload-status': status } });
}

/** `GET …/files/{id}` */
export function getFile({ world, match }: Call): Answer {
  const file = world.files.find(`files/${match.id ?? ''}`);
  return () => (file === undefined ? notFound('file-get') : jsonResponse(file.resource));
}

/** `GET …/files/{id}:download`: a file, or the picture of an interaction that delivered it as a uri. */
export function downloadFile({ world, match: { id = '' } }: Call): Answer {
  const file = world.files.find(`files/${id}`);
  const image = world.find(id)?.image;
  const body = file?.text ?? image?.bytes.slice();
  const contentType = file?.mimeType ?? image?.mimeType ?? '';
  return () =>
    body === undefined ? notFound('file') : new Response(body, { headers: { 'content-type': contentType } });
}
