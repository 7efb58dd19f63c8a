// A process that starts operations and polls them, and answers each message with what became of them.
import { once } from 'node:events';
import { GoogleGenAI } from '@google/genai';
import { Redis } from 'ioredis';
import { cancelable, redisJournal } from '../../dist/node.js';

const { redisUrl, prefix, baseUrl, uris, count } = JSON.parse(process.argv[2]);
const redis = new Redis(redisUrl);
const journal = redisJournal(redis, { prefix, leaseMs: 60_000 });
const ai = new GoogleGenAI({ apiKey: 'a-key', httpOptions: { baseUrl } });
const images = cancelable(ai, { journal, logger: { warn: () => undefined } });

const settled = [];
const operations = Array.from({ length: count }, () => {
  const operation = images.start(
    { model: 'gemini-3.1-flash-image', prompt: 'a lighthouse in fog' },
    { webhook: { uris } },
  );
  operation.on('settled', ({ state }) => settled.push({ id: operation.id, state }));
  return operation;
});
await Promise.allSettled(operations.map((operation) => operation.result()));
// Late events must not settle anything again.
process.send({ isSettled: true });
await once(process, 'message');
await images.close();
process.send({ settled });
redis.disconnect();
process.disconnect();
