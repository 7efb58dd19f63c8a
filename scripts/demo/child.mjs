/** The program of case 2. There is nothing in it about signals: that is the library's. */
import { GoogleGenAI } from '@google/genai';
import { cancelable } from '../../dist/node.js';

const [baseUrl, prompt, count] = process.argv.slice(2);
const images = cancelable(new GoogleGenAI({ apiKey: 'demo', httpOptions: { baseUrl } }));

const operation = images.start({
  model: 'gemini-3.1-flash-image',
  prompt,
  config: { numberOfImages: Number(count) },
});
operation.on('submitted', ({ jobs }) => console.log(`${jobs.length} jobs are on the server`));
operation.on('cancelling', ({ trigger }) => console.log(`${trigger}: cancelling on the server …`));
operation.on('settled', ({ report }) => {
  if (report === undefined) return;
  console.log(`the server confirms: ${report.outcome}, ${report.settledAt - report.requestedAt} ms after the signal`);
});
await operation.result();
console.log('this line is not reached');
