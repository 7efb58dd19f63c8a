// The client that every process of the fleet uses. Its journal is in the Redis that they share.
import { hostname } from 'node:os';
import { GoogleGenAI } from '@google/genai';
import { cancelable, redisJournal } from 'genai-cancel';
import { lockMs, QUEUE, redis } from './queue.mjs';

const owner = `${hostname()}:${process.pid}`;

/** Shorter than half a lock: the record of a dead worker's job is free when BullMQ gives the job to another worker. */
export const leaseMs = lockMs / 3;

export const journal = redisJournal(redis, { prefix: `${QUEUE}-journal`, leaseMs, owner });

export const images = cancelable(new GoogleGenAI({ apiKey: process.env.GEMINI_API_KEY }), {
  journal,
  // Another worker can only take over jobs that have a name.
  requireCancelable: true,
  // A worker that is redeployed or crashes cancels nothing. The images are paid for, and another worker fetches them.
  signals: false,
  limits: { exitMs: 0 },
});

/** Releases the record of an operation, so that the next worker need not wait until our lease has run out. */
export async function release({ id }) {
  const { entries } = await journal.list();
  const ours = entries.find((entry) => entry.id === id && entry.owner === owner);
  if (ours !== undefined) await journal.release(ours);
}
