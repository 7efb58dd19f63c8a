import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** An nginx that runs. */
export interface Nginx {
  /** Ends it, and takes its files away. */
  stop(): Promise<void>;
}

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** Starts Debian's nginx with these directives of `http {}`, and resolves when it listens. */
export async function startNginx(http: string): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'genai-cancel-nginx-'));
  const paths = TEMPORARY.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ');
  // Its workers would be another user's otherwise, who may not write into the folder.
  const user = process.getuid?.() === 0 ? 'user root;\n' : '';
  const main = `${user}daemon off;\nworker_processes 1;\nworker_rlimit_nofile 8192;\npid ${folder}/pid;\nerror_log stderr crit;`;
  const events = 'events {\n  worker_connections 4096;\n}';
  writeFileSync(join(folder, 'nginx.conf'), `${main}\n${events}\nhttp {\n  access_log off;\n  ${paths}\n${http}\n}\n`);
  const child = spawn('nginx', ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // Debian has it where only the superuser looks.
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin` },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'close').catch((error: unknown) => (said += String(error)));
  const failed = ended.then(() => {
    throw new Error(`This needs nginx (apt-get install nginx-light). It ended, and said:\n${said}`);
  });
  failed.catch(() => undefined);
  // It writes this file when its ports are its own. Somebody else may listen on a port, too.
  while (!existsSync(join(folder, 'pid'))) await Promise.race([failed, delay(20)]);
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { stop };
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const isOpen = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isOpen;
}

/** The next port of this worker: each has a thousand, below those that Linux gives to connections. */
let nextPort = 10_000 + (Number(process.env['VITEST_POOL_ID'] ?? 0) % 20) * 1_000;

/** Finds free ports. None is given twice, so that tests may run side by side. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = nextPort++;
    if (!(await isListening(port))) ports.push(port);
  }
  return ports;
}
