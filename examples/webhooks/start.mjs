// Starts an image and ends: another process gets it.
import { openImages } from './images.mjs';

const { images } = await openImages();
const operation = images.start(
  { model: 'gemini-3.1-flash-image', prompt: process.argv[2] ?? 'a lighthouse in fog' },
  { webhook: { uris: [process.env.WEBHOOK_URL] }, limits: { exitMs: 0 } },
);
await operation.submitted();
console.log(`started ${operation.jobs[0].name}`);
// The exit of the process must not look like a crash, which would cancel the image.
operation.detach();
process.exit();
