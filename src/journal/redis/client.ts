import { expected } from '../../util/expected.js';

/**
 * What `redisJournal()` needs of a Redis client: one that sends a command as it is given. Clients of ioredis (also its
 * `Cluster`) and of node-redis are ones; anything else is adapted in a line.
 *
 * @example A cluster of node-redis wants to know the key that decides which node is asked:
 * ```ts
 * const client = { sendCommand: (args: string[]) => cluster.sendCommand(args[3], false, args) };
 * ```
 */
export type RedisClient =
  | {
      /** As in ioredis: the command and its arguments, one by one. */
      call(command: string, ...args: string[]): Promise<unknown>;
    }
  | {
      /** As in node-redis: the command and its arguments in one array. */
      sendCommand(args: string[]): Promise<unknown>;
    };

/** Sends one command and gives the answer as the client does. */
export type SendCommand = (command: string, ...args: string[]) => Promise<unknown>;

/** @throws {TypeError} unless `client` is a `RedisClient`. */
export function senderOf(client: unknown): SendCommand {
  // Every function has a `call` that means something else.
  if (typeof client === 'object' && client !== null) {
    // `call` goes first: ioredis has a `sendCommand` too, which wants another kind of object.
    if (hasMethod(client, 'call')) return async (...command) => client.call(...command);
    if (hasMethod(client, 'sendCommand')) return async (...command) => client.sendCommand(command);
  }
  throw new TypeError(
    expected('client', 'a Redis client, with call() as in ioredis or sendCommand() as in node-redis', client),
  );
}

function hasMethod<Name extends string>(
  client: object,
  name: Name,
): client is Record<Name, (...args: unknown[]) => unknown> {
  return typeof (client as Record<string, unknown>)[name] === 'function';
}
