/** The program of cases 2 and 4. It does nothing about signals: the library does. */
import { GoogleGenAI } from '@google/genai';
import { cancelable } from '../../dist/node.js';

const [baseUrl, model, prompt, count] = process.argv.slice(2);
const images = cancelable(new GoogleGenAI({ apiKey: 'demo', httpOptions: { baseUrl } }));

const onImage = (_, index) => console.log(`received: image ${index + 1}`);
const operation = images.start({ model, prompt, config: { numberOfImages: Number(count) } }, { onImage });
operation.on('warning', ({ message }) => console.log(`a warning: ${message}`));
operation.on('cancelling', ({ trigger }) => console.log(`${trigger}: cancelling …`));
operation.on('settled', ({ report }) => {
  if (report === undefined) return;
  console.log(`the report: ${report.outcome}, ${report.settledAt - report.requestedAt} ms after the signal`);
});
await operation.result();
console.log('this line is not reached');
