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

/** Starts a program. `ended` resolves to how it ended and to all that it said, `said` to what of that fits a pattern. */
export function start(command, args, options) {
  const child = spawn(command, args, options);
  const streams = [child.stdout, child.stderr].filter(Boolean);
  let text = '';
  for (const stream of streams) stream.setEncoding('utf8').on('data', (piece) => (text += piece));
  child.stdin?.on('error', () => undefined);
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, text }));
  const said = (pattern) =>
    new Promise((resolve, reject) => {
      const look = () => pattern.test(text) && resolve(pattern.exec(text));
      for (const stream of streams) stream.on('data', look);
      look();
      ended.then(({ code, signal }) => reject(new Error(`It ended with ${signal ?? code}: ${text}`)));
    });
  return { child, ended, said };
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
