import { Redis } from 'ioredis';
import { createClient, RESP_TYPES } from 'redis';
import type { RedisClient } from '../../src/journal/redis/redis-journal.js';

/** A connection, with what the tests do to the store behind the journal's back. */
export interface RedisConnection {
  readonly client: RedisClient;
  /** Give the command in small letters: ioredis does not put its prefix before the keys of others. */
  readonly send: (command: string, ...args: string[]) => Promise<unknown>;
  /** Cuts the connection, unless that is done. */
  readonly close: () => void;
}

/** The clients that people have, by name. */
export const redisClients: Record<string, (url: string) => Promise<RedisConnection>> = {
  ioredis: (url) => connectIoredis(url),
  'ioredis with a prefix of its own': (url) => connectIoredis(url, { keyPrefix: 'app:' }),
  'node-redis': (url) => connectNodeRedis(url),
  'node-redis with bytes for texts': (url) => connectNodeRedis(url, { [RESP_TYPES.BLOB_STRING]: Buffer }),
};

export async function connectIoredis(url: string, options: { keyPrefix?: string } = {}): Promise<RedisConnection> {
  const client = new Redis(url, { ...options, lazyConnect: true });
  await client.connect();
  return { client, send: (command, ...args) => client.call(command, ...args), close: () => client.disconnect() };
}

async function connectNodeRedis(url: string, types: Record<number, typeof Buffer> = {}): Promise<RedisConnection> {
  const client = await createClient({ url }).connect();
  return {
    client: client.withTypeMapping(types),
    send: (command, ...args) => client.sendCommand([command, ...args]),
    close: () => {
      if (client.isOpen) client.destroy();
    },
  };
}
