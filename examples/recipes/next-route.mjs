// Next: app/image/route.js. On Vercel, vercel.json must also say "supportsCancellation": true for this function.
import { GoogleGenAI } from '@google/genai';
import { cancelable } from 'genai-cancel';

export const maxDuration = 300;

const images = cancelable(new GoogleGenAI({ apiKey: process.env.GEMINI_API_KEY }));

export async function POST(request) {
  const { signal } = request;
  const { prompt } = await request.json();
  try {
    const { generatedImages } = await images.generateImages(
      { model: 'gemini-3.1-flash-image', prompt },
      { cancelSignal: signal },
    );
    const [{ image, raiFilteredReason }] = generatedImages;
    if (image === undefined) return new Response(raiFilteredReason, { status: 422 });
    return new Response(Buffer.from(image.imageBytes, 'base64'), { headers: { 'content-type': image.mimeType } });
  } catch (error) {
    if (error.name !== 'AbortError') throw error;
    console.log(`the image is ${error.report.outcome}`);
    return new Response(null, { status: 503 });
  }
}
