// Express: when the browser that asked for an image goes away, the image is cancelled on Google's server.
import express from 'express';
import { GoogleGenAI } from '@google/genai';
import { cancelable } from 'genai-cancel';
import { signalFromRequest } from 'genai-cancel/http';

const images = cancelable(new GoogleGenAI({ apiKey: process.env.GEMINI_API_KEY }));
const app = express();

// POST: browsers and crawlers fetch a GET on their own, and each image costs money.
app.post('/image', express.json(), async (request, response) => {
  const { generatedImages } = await images.generateImages(
    { model: 'gemini-3.1-flash-image', prompt: request.body.prompt },
    { cancelSignal: signalFromRequest(request, response) },
  );
  const [{ image, raiFilteredReason }] = generatedImages;
  if (image === undefined) response.status(422).send(raiFilteredReason);
  else response.type(image.mimeType).send(Buffer.from(image.imageBytes, 'base64'));
});

app.use((error, request, response, next) => {
  if (error.name !== 'AbortError') return next(error);
  console.log(`${error.cause?.message} ${error.report.outcome}`);
  response.status(503).end(); // For SIGTERM. A client that has gone does not see it.
});

const server = app.listen(process.env.PORT ?? 3000, () => console.log(`http://127.0.0.1:${server.address().port}`));
