// An application that Ctrl+C cancels on the server. It is TypeScript, too.
import { GoogleGenAI } from '@google/genai';
import { cancelable } from 'genai-cancel';
import { fileJournal } from 'genai-cancel/file-journal';

const ai = new GoogleGenAI({ apiKey: 'any', httpOptions: { baseUrl: process.env['EMULATOR_URL'] ?? '' } });
const images = cancelable(ai, { journal: fileJournal({ folder: process.env['JOURNAL'] }) });
images
  .generateImages({ model: 'gemini-3.1-flash-image', prompt: 'a lighthouse in fog' })
  .catch((error) => console.error(error));
