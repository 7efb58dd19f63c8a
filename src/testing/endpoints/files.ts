import { jsonResponse, refuse, refuseUnfound } from '../errors.js';
import { isObject, objectAt, stringAt } from '../json.js';
import type { Answer, Call } from '../world.js';

/** `POST /upload/…/files`, the resumable protocol: a start, which answers an address, and then pieces to that address. */
export function uploadFile(call: Call): Answer {
  const name = call.url.searchParams.get('upload_id');
  return name === null ? startUpload(call) : addPiece(call, name);
}

function startUpload({ headers, url, match, world: { files, timers }, record }: Call): Answer {
  if (headers.get('x-goog-upload-command') !== 'start') refuse(400, 'Only resumable uploads are emulated.');
  const body = isObject(record.body) ? objectAt(record.body, 'file') : undefined;
  const told = {
    name: `files/upload${files.size}`,
    mimeType: headers.get('x-goog-upload-header-content-type') ?? 'application/octet-stream',
    sizeBytes: headers.get('x-goog-upload-header-content-length') ?? '0',
    source: 'UPLOADED',
    displayName: stringAt(body, 'displayName') ?? stringAt(body, 'display_name'),
  };
  files.add(told, url.origin, timers.now());
  const address = `${url.origin}/upload/${match.version ?? ''}/files?upload_id=${told.name}&upload_protocol=resumable`;
  return jsonResponse({}, 200, { 'x-goog-upload-url': address, 'x-goog-upload-status': 'active' });
}

function addPiece({ headers, world, text }: Call, name: string): Answer {
  const file = world.files.find(name, false) ?? refuseUnfound();
  file.text += text;
  file.isComplete = headers.get('x-goog-upload-command')?.includes('finalize') === true;
  const status = file.isComplete ? 'final' : 'active';
  return jsonResponse({ file: file.resource }, 200, { 'x-goog-upload-status': status });
}

/** `GET …/files/{id}` */
export function getFile({ world, match }: Call): Answer {
  const { resource } = world.files.find(`files/${match.id ?? ''}`) ?? refuseUnfound();
  return jsonResponse(resource);
}

/** `GET …/files/{id}:download`: a file, or the picture of an interaction that delivered it as a uri. */
export function downloadFile({ world, match: { id = '' } }: Call): Answer {
  const file = world.files.find(`files/${id}`);
  const image = world.find(id)?.image;
  const body = file?.text ?? image?.bytes.slice() ?? refuseUnfound();
  const contentType = stringAt(file?.resource, 'mimeType') ?? image?.mimeType ?? '';
  return new Response(body, { headers: { 'content-type': contentType } });
}
