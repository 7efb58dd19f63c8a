// An AbortSignal that cancels on the server. The call rejects when the server has confirmed the end of every job.
import { GoogleGenAI } from '@google/genai';
import { cancelable, warmFetch } from 'genai-cancel';

const images = cancelable(new GoogleGenAI({ apiKey: process.env.GEMINI_API_KEY, httpOptions: { fetch: warmFetch() } }));
const controller = new AbortController();

// Stands for a user who leaves the page, or a request that is closed.
setTimeout(() => controller.abort(new Error('the user left')), 300);

try {
  await images.generateImages({
    model: 'gemini-3.1-flash-image',
    prompt: 'a lighthouse in fog',
    config: { numberOfImages: 2, abortSignal: controller.signal },
  });
} catch (error) {
  if (error.name !== 'AbortError') throw error;
  console.log(`outcome: ${error.report.outcome}`);
  console.log(`because: ${error.cause.message}`);
  for (const { name, lastStatus } of error.report.jobs) console.log(`${name} is ${lastStatus}`);
}
