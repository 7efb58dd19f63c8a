// The Redis that the machines share, and the queue in it.
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';

export const QUEUE = process.env.QUEUE ?? 'images';

/** A worker that has not renewed its lock for this time loses its jobs to the others. */
export const lockMs = Number(process.env.LOCK_MS ?? 30_000);

/** BullMQ needs commands that wait for Redis and never give up. */
export const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379', { maxRetriesPerRequest: null });

export const queue = new Queue(QUEUE, { connection: redis });

/** Marks a job as cancelled, for the worker that has it or gets it later. */
export async function markCancelled(id) {
  await redis.set(`${QUEUE}:cancelled:${id}`, 'yes', 'EX', 24 * 60 * 60);
}

export async function isCancelled(id) {
  return (await redis.exists(`${QUEUE}:cancelled:${id}`)) === 1;
}

export async function leave() {
  await queue.close();
  await redis.quit();
}
