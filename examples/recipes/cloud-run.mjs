// Cloud Run: SIGTERM comes 10 s before SIGKILL. What runs is cancelled, and its clients are told to ask again.
import { createServer } from 'node:http';
import { GoogleGenAI } from '@google/genai';
import { cancelable } from 'genai-cancel';
import { signalFromRequest } from 'genai-cancel/http';

const images = cancelable(new GoogleGenAI({ apiKey: process.env.GEMINI_API_KEY }));

const server = createServer(async (request, response) => {
  try {
    const { generatedImages } = await images.generateImages(
      { model: 'gemini-3.1-flash-image', prompt: 'a lighthouse in fog' },
      { cancelSignal: signalFromRequest(request, response) },
    );
    const [{ image }] = generatedImages;
    response.setHeader('content-type', image.mimeType).end(Buffer.from(image.imageBytes, 'base64'));
  } catch (error) {
    console.log(error.message);
    response.writeHead(503, { 'retry-after': '1', connection: 'close' }).end();
  }
});

// Your own listener keeps the process alive until its last answer. The library cancels by itself, within 8 s.
process.once('SIGTERM', async () => {
  server.close();
  await images.close();
  console.log('closed');
});

server.listen(process.env.PORT ?? 8080, () => console.log(`http://127.0.0.1:${server.address().port}`));
