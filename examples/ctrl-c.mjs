// Ctrl+C needs no code: the library sends the cancels, waits for the server's answer, and lets the process die of the signal.
// The listeners here replace the library's own lines on stderr.
import { GoogleGenAI } from '@google/genai';
import { cancelable, warmFetch } from 'genai-cancel';

const images = cancelable(new GoogleGenAI({ apiKey: process.env.GEMINI_API_KEY, httpOptions: { fetch: warmFetch() } }));

const operation = images.start({ model: 'gemini-3.1-flash-image', prompt: 'a lighthouse in fog' });
operation.on('submitted', () => console.log('working, press Ctrl+C'));
operation.on('cancelling', ({ trigger }) =>
  console.log(`${trigger}: cancelling on the server. Press Ctrl+C again to quit now.`),
);
operation.on('settled', ({ state }) => console.log(`the end: ${state}`));

await operation.result();
console.log('The image was made before a press of Ctrl+C.');
