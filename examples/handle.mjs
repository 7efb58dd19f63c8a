// The handle: events as they happen, and each image as soon as it is finished.
import { GoogleGenAI } from '@google/genai';
import { cancelable, warmFetch } from 'genai-cancel';

const images = cancelable(new GoogleGenAI({ apiKey: process.env.GEMINI_API_KEY, httpOptions: { fetch: warmFetch() } }));

const operation = images.start({
  model: 'gemini-3.1-flash-image',
  prompt: 'a lighthouse in fog',
  config: { numberOfImages: 3, seed: 7 },
});

for await (const event of operation.events()) {
  if (event.type === 'submitted') console.log(`accepted: ${event.jobs.map(({ name }) => name).join(', ')}`);
  if (event.type === 'state') console.log(`${event.from} -> ${event.to}`);
  if (event.type === 'image') console.log(`image ${event.index}: ${event.image.mimeType}`);
  if (event.type === 'progress') console.log(`${event.completed} of ${event.total}`);
  if (event.type === 'settled') console.log(`the end: ${event.state}`);
}
