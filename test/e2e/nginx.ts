import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** An nginx that runs. */
export interface Nginx {
  /** Ends it, and takes its files away. */
  stop(): Promise<void>;
}

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** Starts Debian's nginx with these directives of `http {}`, and resolves when it listens on the port. */
export async function startNginx(port: number, http: string): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'genai-cancel-nginx-'));
  const paths = TEMPORARY.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ');
  // Its workers would be another user's otherwise, who may not write into the folder.
  const user = process.getuid?.() === 0 ? 'user root;\n' : '';
  const main = `${user}daemon off;\nworker_processes 1;\nworker_rlimit_nofile 8192;\npid ${folder}/pid;\nerror_log stderr crit;`;
  const events = 'events {\n  worker_connections 4096;\n}';
  writeFileSync(join(folder, 'nginx.conf'), `${main}\n${events}\nhttp {\n  access_log off;\n  ${paths}\n${http}\n}\n`);
  const child = spawn('nginx', ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'close');
  ended.catch(() => undefined);
  const failed = ended.then(() => {
    throw new Error(`nginx ended:\n${said}`);
  });
  await Promise.race([failed, listening(port)]);
  failed.catch(() => undefined);
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { stop };
}

async function listening(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const isOpen = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  if (isOpen) return;
  await delay(20);
  await listening(port);
}

/** Ports that are free now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
