// Fastify: the signal comes from the raw request and response. Fastify's own request.signal aborts as soon as a body was read.
import Fastify from 'fastify';
import { GoogleGenAI } from '@google/genai';
import { cancelable } from 'genai-cancel';
import { signalFromRequest } from 'genai-cancel/http';

const images = cancelable(new GoogleGenAI({ apiKey: process.env.GEMINI_API_KEY }));
const app = Fastify();

app.post('/image', async (request, reply) => {
  const { generatedImages } = await images.generateImages(
    { model: 'gemini-3.1-flash-image', prompt: request.body.prompt },
    { cancelSignal: signalFromRequest(request.raw, reply.raw) },
  );
  const [{ image, raiFilteredReason }] = generatedImages;
  if (image === undefined) return reply.code(422).send(raiFilteredReason);
  return reply.type(image.mimeType).send(Buffer.from(image.imageBytes, 'base64'));
});

app.setErrorHandler((error, request, reply) => {
  if (error.name !== 'AbortError') return reply.send(error);
  console.log(`${error.cause?.message} ${error.report.outcome}`);
  return reply.code(503).send();
});

console.log(await app.listen({ port: Number(process.env.PORT ?? 3000) }));
