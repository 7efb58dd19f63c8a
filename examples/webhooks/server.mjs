// Takes Google's calls. It has started nothing itself: it finds the operations in the journal.
import { serve } from '@hono/node-server';
import { receiver } from 'genai-cancel/webhooks';
import { Hono } from 'hono';
import { openImages } from './images.mjs';

const host = process.env.GOOGLE_GEMINI_BASE_URL ?? 'https://generativelanguage.googleapis.com';
const { images, close } = await openImages();
const { handle } = receiver({
  images,
  jwks: new URL('/.well-known/jwks.json', host),
  async onOperation(operation) {
    const { generatedImages } = await operation.result();
    console.log(`${operation.jobs[0].name}: ${generatedImages.length} image`);
  },
});

const app = new Hono().post('/webhook', (context) => handle(context.req.raw));
const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 0) }, ({ port }) =>
  console.log(`listens on port ${port}`),
);
process.once('SIGTERM', async () => {
  server.close();
  await images.close();
  await close();
});
