// A CommonJS program in TypeScript. Only compiled.
import { cancelable, type GenAIClient, type Operation } from 'genai-cancel';
import { fileJournal } from 'genai-cancel/file-journal';
import testing = require('genai-cancel/testing');

const images = cancelable({} as GenAIClient, { journal: fileJournal() });
const operation: Operation = images.start({ model: 'a-model', prompt: 'a lighthouse in fog' });
// @ts-expect-error a handle is no promise
operation.then(() => undefined);

export = { images, emulator: testing.createEmulator({ workMs: 1 }) };
