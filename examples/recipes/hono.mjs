// Hono on Node: the request of the Web has a signal of its own. Take that of c.req.raw, not that of a copy.
import { serve } from '@hono/node-server';
import { GoogleGenAI } from '@google/genai';
import { Hono } from 'hono';
import { cancelable } from 'genai-cancel';

const images = cancelable(new GoogleGenAI({ apiKey: process.env.GEMINI_API_KEY }));
const app = new Hono();

app.post('/image', async (c) => {
  const { signal } = c.req.raw;
  const { prompt } = await c.req.json();
  const { generatedImages } = await images.generateImages(
    { model: 'gemini-3.1-flash-image', prompt },
    { cancelSignal: signal },
  );
  const [{ image, raiFilteredReason }] = generatedImages;
  if (image === undefined) return c.text(raiFilteredReason ?? '', 422);
  return c.body(Buffer.from(image.imageBytes, 'base64'), 200, { 'content-type': image.mimeType });
});

app.onError((error, c) => {
  if (error.name !== 'AbortError') throw error;
  console.log(`${error.cause} ${error.report.outcome}`); // Here the reason is a text.
  return c.body(null, 503);
});

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) }, ({ port }) =>
  console.log(`http://127.0.0.1:${port}`),
);
