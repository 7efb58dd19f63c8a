/** The program of case 2. It does nothing about signals: the library does. */
import { GoogleGenAI } from '@google/genai';
import { cancelable } from '../../dist/node.js';

const [baseUrl, model, prompt, count] = process.argv.slice(2);
const images = cancelable(new GoogleGenAI({ apiKey: 'demo', httpOptions: { baseUrl } }));

const operation = images.start({ model, prompt, config: { numberOfImages: Number(count) } });
operation.on('submitted', ({ jobs }) => console.log(`${jobs.length} jobs are on the server`));
operation.on('cancelling', ({ trigger }) => console.log(`${trigger}: cancelling on the server …`));
operation.on('settled', ({ report }) => {
  if (report === undefined) return;
  console.log(`the report: ${report.outcome}, ${report.settledAt - report.requestedAt} ms after the signal`);
});
await operation.result();
console.log('this line is not reached');
