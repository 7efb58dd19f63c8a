// The drop-in: it takes the parameters of ai.models.generateImages() and returns its response. Ctrl+C cancels on the server.
import { GoogleGenAI } from '@google/genai';
import { cancelable, warmFetch } from 'genai-cancel';

const images = cancelable(new GoogleGenAI({ apiKey: process.env.GEMINI_API_KEY, httpOptions: { fetch: warmFetch() } }));

const { generatedImages } = await images.generateImages({
  model: 'gemini-3.1-flash-image',
  prompt: 'a lighthouse in fog',
  config: { numberOfImages: 2, aspectRatio: '16:9' },
});

for (const { image, raiFilteredReason } of generatedImages) {
  if (image === undefined) console.log(`refused: ${raiFilteredReason}`);
  else console.log(`${image.mimeType}, ${Buffer.from(image.imageBytes, 'base64').length} bytes`);
}
