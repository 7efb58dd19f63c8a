// Ctrl+C needs no code: the cancels are sent, the server's answer is awaited, then the process dies of the signal. Who wants
// to tell the user more than the library's own line listens.
import { GoogleGenAI } from '@google/genai';
import { cancelable } from 'genai-cancel';

const images = cancelable(new GoogleGenAI({ apiKey: process.env.GEMINI_API_KEY }));

const operation = images.start({ model: 'gemini-3.1-flash-image', prompt: 'a lighthouse in fog' });
operation.on('submitted', () => console.log('working, press Ctrl+C'));
operation.on('cancelling', ({ trigger }) => console.log(`${trigger}: cancelling on the server, again leaves at once`));
operation.on('settled', ({ state }) => console.log(`the end: ${state}`));

await operation.result();
console.log('an image was made: nobody pressed Ctrl+C');
