// What the machines have in common: one Redis, and one queue in it.
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';

export const QUEUE = process.env.QUEUE ?? 'images';

/** A worker that has not been heard of for so long has lost its jobs to the others. */
export const lockMs = Number(process.env.LOCK_MS ?? 30_000);

/** BullMQ wants commands to wait for Redis, and not to give up. */
export const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379', { maxRetriesPerRequest: null });

export const queue = new Queue(QUEUE, { connection: redis });

/** Notes that a job is not wanted any more, for whichever worker has it, or gets it. */
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
