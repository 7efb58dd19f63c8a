import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createEmulator } from '../../dist/testing/node.js';

/** Plays something against an emulated server on a port of its own, and closes it. */
export async function onServer(options, play) {
  const emulator = createEmulator(options);
  const server = await emulator.listen();
  try {
    return await play(emulator, server.url);
  } finally {
    await server.close();
    emulator.reset();
  }
}

/** Starts a program. `ended` resolves to how it ended and to all that it said; `hear` gets all of that at each piece. */
export function start(command, args, options, hear = () => undefined) {
  const child = spawn(command, args, options);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (piece) => hear((text += piece)));
  }
  child.stdin?.on('error', () => undefined);
  return { child, ended: once(child, 'close').then(([code, signal]) => ({ code, signal, text })) };
}

/** Works on all of these, so many at a time. Resolves to the results, in order. */
export async function inParallel(items, atOnce, work) {
  const waiting = [...items.entries()];
  const results = [];
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, item] = next;
      results[index] = await work(item, index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
}
