// A test of an application, as an ES module. It is TypeScript, too.
import { GoogleGenAI } from '@google/genai';
import { expect, test } from '@jest/globals';
import { cancelable } from 'genai-cancel';
import { fileJournal } from 'genai-cancel/file-journal';

test('an abort cancels on the server', async () => {
  const ai = new GoogleGenAI({ apiKey: 'any', httpOptions: { baseUrl: process.env['EMULATOR_URL'] ?? '' } });
  const images = cancelable(ai, { journal: fileJournal({ folder: process.env['JOURNAL'] }) });
  const controller = new AbortController();
  const config = { abortSignal: controller.signal };
  const operation = images.start({ model: 'gemini-3.1-flash-image', prompt: 'a lighthouse in fog', config });
  await operation.submitted();
  controller.abort();
  await expect(operation.result()).rejects.toMatchObject({ code: 'ABORT_ERR', report: { outcome: 'cancelled' } });
});
