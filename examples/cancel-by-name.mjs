// A job is known by its name: whoever has it can cancel it, in this process or in another one.
import { GoogleGenAI } from '@google/genai';
import { cancelable } from 'genai-cancel';

const ai = new GoogleGenAI({ apiKey: process.env.GEMINI_API_KEY });

const operation = cancelable(ai).start({ model: 'gemini-3.1-flash-image', prompt: 'a lighthouse in fog' });
await operation.submitted();
const [{ name }] = operation.jobs;
operation.detach(); // from here on, nothing in this process stops it by itself

const report = await cancelable(ai).cancel(name);
console.log(`${report.outcome} after ${report.jobs[0].cancelRequests} cancel request`);

// The first handle hears of it, too: the job ended, but not because it was asked to stop here.
await operation.result().catch((error) => console.log(`${error.name}: ${error.message}`));
