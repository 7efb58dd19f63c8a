import { createHash } from 'node:crypto';
import { linkSync, openSync, readFileSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What a process has told its user, and where it has put the images: both in the same turn in which the library tells it.
 * A line that is in its file has been told, whatever becomes of the process.
 */
export function openDiary({ name, diaries, output }) {
  const file = openSync(join(diaries, `${name}.jsonl`), 'a');
  const delivered = new Map();
  const tell = (what, facts) => writeSync(file, `${JSON.stringify({ what, at: Date.now(), ...facts })}\n`);

  const deliver = (id, place, image) => {
    const bytes = Buffer.from(image.imageBytes ?? '', 'base64');
    const sha = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    const known = delivered.get(id) ?? new Set();
    delivered.set(id, known.add(sha));
    tell('image', { id, place: String(place), sha, how: put(join(output, `${id}.${place ?? sha}.png`), bytes, name) });
  };

  return {
    tell,
    /** An image of the `image` event. */
    deliver,
    /** The images of a response, as far as this process has not delivered them. The response does not say their index. */
    deliverResponse(operation, { generatedImages }) {
      const places = placesIn(operation.jobs, generatedImages.length);
      generatedImages.forEach(({ image }, position) => {
        if (image === undefined) return;
        const sha = createHash('sha256').update(Buffer.from(image.imageBytes, 'base64')).digest('hex').slice(0, 16);
        if (delivered.get(operation.id)?.has(sha)) return;
        deliver(operation.id, places?.[position] ?? `x${sha}`, image);
      });
    },
  };
}

/** Jobs as short as they can be told. */
export function brief(jobs) {
  return jobs.map(({ index, backend, name, state, error }) => ({ index, backend, name, state, code: error?.code }));
}

/** Nobody sees half a file, and nobody overwrites one. */
function put(path, bytes, name) {
  const temporary = `${path}.${name}.tmp`;
  writeFileSync(temporary, bytes);
  try {
    linkSync(temporary, path);
    return 'new';
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return readFileSync(path).equals(bytes) ? 'again' : 'other bytes';
  } finally {
    unlinkSync(temporary);
  }
}

/** Each job that succeeded has an entry for each of its images; a batch may have lost some, and then nobody can tell which. */
function placesIn(jobs, count) {
  const places = jobs.flatMap((job) => (job.state === 'succeeded' ? (job.indices ?? [job.index]) : []));
  return places.length === count ? places : undefined;
}
