// The client that both processes share: its journal is in Redis.
import { GoogleGenAI } from '@google/genai';
import { cancelable, redisJournal } from 'genai-cancel';
import { createClient } from 'redis';

export async function openImages() {
  const redis = await createClient({ url: process.env.REDIS_URL }).connect();
  // A process that has ended is known to be gone after two seconds.
  const journal = redisJournal(redis, { prefix: 'webhooks-example', leaseMs: 2_000 });
  const images = cancelable(new GoogleGenAI({ apiKey: process.env.GEMINI_API_KEY }), { journal, signals: false });
  return { images, close: () => redis.close() };
}
