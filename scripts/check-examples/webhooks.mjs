import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { newProject, own } from '../check-package/consumer.mjs';
import { cleanEnvironment } from '../support/command.mjs';
import { start } from '../support/stage.mjs';

const TIMEOUT_MS = 60_000;
/** By then the process that has started the image is known to be gone. */
const EMULATED = ['--work-seconds', '5'];
const COMPANIONS = ['hono', '@hono/node-server', 'redis', 'jose'];

/**
 * Installs examples/webhooks in a folder of its own, and runs it: one process starts an image and ends; the emulator calls the
 * other one, which finds the image in Redis and takes it over.
 */
export async function problemsOfWebhooks({ node, packages, folder }, redisUrl) {
  const path = newProject(folder, [...packages, ...COMPANIONS.map(own)], { type: 'module' });
  cpSync(join(path, 'node_modules/genai-cancel/examples/webhooks'), path, { recursive: true });
  const command = join(path, 'node_modules/.bin/genai-cancel');
  const emulator = start(node, [command, 'emulator', ...EMULATED], { env: cleanEnvironment() });
  const [, url, key] = await emulator.said(/^export GOOGLE_GEMINI_BASE_URL=(\S+)\nexport GEMINI_API_KEY=(\S+)$/m);
  const env = cleanEnvironment({ REDIS_URL: redisUrl, GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: key });
  const play = (file, more) =>
    start(node, [file], { cwd: path, env: { ...env, ...more }, timeout: TIMEOUT_MS, killSignal: 'SIGKILL' });
  const server = play('server.mjs', {});
  const [, port] = await server.said(/^listens on port (\d+)$/m);
  const { text: started } = await play('start.mjs', { WEBHOOK_URL: `http://127.0.0.1:${port}/webhook` }).ended;
  await server.said(/^interactions\/\S+: 1 image$/m).catch(() => undefined);
  server.child.kill('SIGTERM');
  const { text, code } = await server.ended;
  emulator.child.kill('SIGINT');
  await emulator.ended;
  const isSo = code === 0 && /^started (interactions\/\S+)$[^]*^\1: 1 image$/m.test(started + text);
  return isSo ? [] : [`ended with ${code}, printed:\n${started}${text}`];
}
