// A timeout that cancels on the server. Without the cancel the job would run on, and you would be billed.
import { GoogleGenAI } from '@google/genai';
import { cancelable } from 'genai-cancel';

const images = cancelable(new GoogleGenAI({ apiKey: process.env.GEMINI_API_KEY }), { timeoutMs: 500 });

try {
  await images.generateImages({ model: 'gemini-3.1-flash-image', prompt: 'a lighthouse in fog' });
} catch (error) {
  if (error.name !== 'AbortError') throw error;
  const { outcome, trigger, billing } = error.report;
  console.log(`cancelled by ${trigger} (${error.cause.name}): ${outcome}`);
  console.log(`billing: ${billing.expectation}. ${billing.basis}`);
}
