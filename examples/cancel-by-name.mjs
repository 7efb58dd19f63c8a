// The name of a job is enough to cancel it, in this process or in another one.
import { GoogleGenAI } from '@google/genai';
import { cancelable } from 'genai-cancel';

const ai = new GoogleGenAI({ apiKey: process.env.GEMINI_API_KEY });

const operation = cancelable(ai).start({ model: 'gemini-3.1-flash-image', prompt: 'a lighthouse in fog' });
await operation.submitted();
const [{ name }] = operation.jobs;
operation.detach(); // The end of this process no longer cancels it.

const report = await cancelable(ai).cancel(name);
console.log(`${report.outcome} after ${report.jobs[0].cancelRequests} cancel request`);

// The first handle learns of the end too. It fails, because nothing was cancelled through this handle.
await operation.result().catch((error) => console.log(`${error.name}: ${error.message}`));
