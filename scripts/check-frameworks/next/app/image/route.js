import { GoogleGenAI } from '@google/genai';
import { cancelable } from 'genai-cancel';
import { fileJournal } from 'genai-cancel/file-journal';

/** A route handler whose client's leaving cancels on the server. */
export async function POST(request) {
  const ai = new GoogleGenAI({ apiKey: 'any', httpOptions: { baseUrl: process.env.EMULATOR_URL } });
  const images = cancelable(ai, { journal: fileJournal({ folder: process.env.JOURNAL }) });
  const { model, prompt } = await request.json();
  const { generatedImages } = await images.generateImages({ model, prompt }, { cancelSignal: request.signal });
  return Response.json(generatedImages.length);
}
