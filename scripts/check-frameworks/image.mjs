import { GoogleGenAI } from '@google/genai';
import { cancelable } from 'genai-cancel';
import { fileJournal } from 'genai-cancel/file-journal';

const images = cancelable(new GoogleGenAI({ apiKey: 'any' }), { journal: fileJournal({ folder: '/tmp/journal' }) });
console.log(`${images.operations.length} operations`);
