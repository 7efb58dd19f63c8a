// The client of every process of the fleet: its journal is in the Redis that they share.
import { hostname } from 'node:os';
import { GoogleGenAI } from '@google/genai';
import { cancelable, redisJournal } from 'genai-cancel';
import { lockMs, QUEUE, redis } from './queue.mjs';

const owner = `${hostname()}:${process.pid}`;

/** Shorter than half a lock: when BullMQ gives a dead worker's job to another one, the record of it is free, too. */
export const leaseMs = lockMs / 3;

export const journal = redisJournal(redis, { prefix: `${QUEUE}-journal`, leaseMs, owner });

export const images = cancelable(new GoogleGenAI({ apiKey: process.env.GEMINI_API_KEY }), {
  journal,
  // What cannot be found again by a name cannot be taken over.
  requireCancelable: true,
  // A worker that is redeployed, or that crashes, cancels nothing: the images are paid for, and others fetch them.
  signals: false,
  exitTimeoutMs: 0,
});

/** Gives up the record of an operation that another worker is to go on with: it need not wait for our lease to run out. */
export async function release({ id }) {
  const { entries } = await journal.list();
  const ours = entries.find((entry) => entry.id === id && entry.owner === owner);
  if (ours !== undefined) await journal.release(ours);
}
