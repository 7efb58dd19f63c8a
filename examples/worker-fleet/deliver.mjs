// Stores the images in a folder, which stands for a bucket. Delivering an image again changes nothing.
import { randomUUID } from 'node:crypto';
import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FOLDER = process.env.OUT ?? 'out';

/** Names the file by the operation's id and the index, which are the same for every worker that attaches. */
export async function deliver(operationId, index, { imageBytes, mimeType }) {
  const name = `${operationId}-${index}.${mimeType.split('/')[1]}`;
  await mkdir(FOLDER, { recursive: true });
  const draft = join(FOLDER, `.${randomUUID()}`);
  await writeFile(draft, Buffer.from(imageBytes, 'base64'));
  try {
    await link(draft, join(FOLDER, name));
    console.log(`delivered ${name}`);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  } finally {
    await rm(draft);
  }
  return name;
}
