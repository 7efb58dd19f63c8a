import { createServer, type Server as HttpServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { GoogleGenAI, type GoogleGenAIOptions } from '@google/genai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { memoryJournal, type Operation, type OperationOptions } from '../../src/index.js';
import { cancelable } from '../../src/node.js';
import { lighthouse } from '../support/setup.js';

/** A certificate that nobody has signed but itself, and its key. Made for this test. */
const cert = `-----BEGIN CERTIFICATE-----
MIIBlDCCATugAwIBAgIUb7JYLVAPcnmyR4OVb3vjFXHHUd0wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNTE5MjA1M1oYDzIxMjYxMTAx
MTkyMDUzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAS6UXSkFqxP6+NZfOaneq4/GWDK9B3uAATe4myDjecQq2sdXWs9phpW
76Kj/U0AqqjYZHEB1UGuCRT5Ijt1T6COo2kwZzAdBgNVHQ4EFgQUDQPxOaZzV+6d
SzxZXcoFCF4uFSAwHwYDVR0jBBgwFoAUDQPxOaZzV+6dSzxZXcoFCF4uFSAwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
RwAwRAIgT8gAZBChY28opmLUIGXcqOVF6tRxElApekvvIlSmRTQCIGejpqP5p3L2
NPnuCnCNBFxb5l1qyYob0s51tig9Nv0i
-----END CERTIFICATE-----`;
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgyggMblmhC1Vf6zV7
/QvPWBvwp9UV9+VeHPGwCjmgbJGhRANCAAS6UXSkFqxP6+NZfOaneq4/GWDK9B3u
AATe4myDjecQq2sdXWs9phpW76Kj/U0AqqjYZHEB1UGuCRT5Ijt1T6CO
-----END PRIVATE KEY-----`;

const backends = ['interactions', 'batches', 'models'] as const;

let requests = 0;
const servers: Server[] = [];

async function portOf(server: Server | HttpServer): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, resolve));
  return (server.address() as AddressInfo).port;
}

/** Base URLs, by what listens there. */
const urls = { plain: '', tls: '', mute: '', closed: '' };

beforeAll(async () => {
  const plain = await portOf(createServer((_, response) => void (requests++, response.writeHead(500).end())));
  const tls = await portOf(createSecureServer({ key, cert }, (_, response) => void (requests++, response.end('{}'))));
  const mute = await portOf(createTcpServer((socket) => socket.on('error', () => undefined).end()));
  const gone = createTcpServer();
  const closed = await portOf(gone);
  await new Promise((resolve) => gone.close(resolve));
  Object.assign(urls, {
    plain: `localhost:${plain}`,
    tls: `localhost:${tls}`,
    mute: `localhost:${mute}`,
    closed: `localhost:${closed}`,
  });
});

afterAll(() => {
  for (const server of servers) server.close();
});

beforeEach(() => {
  requests = 0;
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  for (const name of ['GOOGLE_API_KEY', 'GEMINI_API_KEY', 'GOOGLE_APPLICATION_CREDENTIALS'])
    vi.stubEnv(name, undefined);
  // No question to a metadata server, and no credentials of the user.
  vi.stubEnv('METADATA_SERVER_DETECTION', 'none');
  vi.stubEnv('CLOUDSDK_CONFIG', '/nowhere');
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const at = (baseUrl: string, headers?: Record<string, string>): GoogleGenAIOptions => ({
  apiKey: 'a-key',
  httpOptions: { baseUrl, ...(headers && { headers }) },
});
const onVertex = (googleAuthOptions?: object): GoogleGenAIOptions => ({
  vertexai: true,
  project: 'a-project',
  location: 'global',
  ...(googleAuthOptions && { googleAuthOptions }),
});
const badAuthClient = { getRequestHeaders: () => Promise.reject(new Error('The refresh token was revoked.')) };

/** Ways in which a request never leaves the process, and what the error says of it. */
const ways: readonly (readonly [string, () => GoogleGenAIOptions, RegExp])[] = [
  ['no key', () => ({}), /GEMINI_API_KEY/],
  ['an empty key', () => ({ apiKey: '' }), /key is empty/],
  ['a blank key', () => ({ ...at(`http://${urls.plain}`), apiKey: '  ' }), /key is empty/],
  ['an ellipsis in a key', () => ({ ...at(`http://${urls.plain}`), apiKey: 'AIza…' }), /Latin-1/],
  ['a line break in a key', () => ({ ...at(`http://${urls.plain}`), apiKey: 'a\nb' }), /Latin-1/],
  ['a token that is for something else', () => ({ ...at(`http://${urls.plain}`), apiKey: 'auth_tokens/a' }), /key/],
  ['no credentials', () => onVertex(), /gcloud auth application-default login/],
  ['a file of credentials that does not exist', () => onVertex({ keyFilename: '/nowhere.json' }), /gcloud auth/],
  ['credentials that are refused', () => onVertex({ authClient: badAuthClient }), /revoked.*gcloud auth/],
  ['an empty base URL', () => at(''), /base URL/],
  ['a relative base URL', () => at('/api'), /base URL/],
  ['a base URL without a scheme', () => at('localhost:8080'), /base URL/],
  ['another scheme', () => at('ftp://localhost/'), /base URL/],
  ['a password in the base URL', () => at('http://user:a-secret@localhost/'), /base URL/],
  ['a port that does not exist', () => at('http://localhost:99999'), /base URL/],
  ['a blocked port', () => at('http://localhost:6000'), /bad port.*base URL/],
  ['a closed port', () => at(`http://${urls.closed}`), /ECONNREFUSED.*network/],
  ['a host that cannot be found', () => at('http://nowhere.invalid'), /nowhere\.invalid.*network/],
  ['TLS to a port that speaks none', () => at(`https://${urls.plain}`), /base URL/],
  ['TLS to a server that hangs up', () => at(`https://${urls.mute}`), /TLS.*base URL/],
  ['a certificate that nobody has signed', () => at(`https://${urls.tls}`), /certificate.*NODE_EXTRA_CA_CERTS/],
  ['a line break in a header', () => at(`http://${urls.plain}`, { 'x-a': 'a\nb' }), /x-a cannot be sent.*Latin-1/],
  ['a header that is not Latin-1', () => at(`http://${urls.plain}`, { 'x-a': '€' }), /x-a cannot be sent/],
  ['a name that no header can have', () => at(`http://${urls.plain}`, { 'x a': 'a' }), /x a cannot be sent/],
  [
    'a header that undici refuses',
    () => at(`http://${urls.plain}`, { expect: '100-continue' }),
    /httpOptions\.headers/,
  ],
];

function start(client: GoogleGenAI, options: OperationOptions): Operation {
  const images = cancelable(client);
  if (!client.vertexai || options.backend !== 'batches') return images.start(lighthouse, options);
  const { backend, ...others } = options;
  return images.startBatch('gs://bucket/requests.jsonl', {
    model: lighthouse.model,
    destination: 'gs://bucket/results',
    ...others,
  });
}

interface Outcome {
  readonly error: Error & { code: string };
  readonly tookMs: number;
}

async function outcomeOf(options: GoogleGenAIOptions, backend: (typeof backends)[number]): Promise<Outcome> {
  const journal = memoryJournal();
  const startedAt = performance.now();
  const operation = start(new GoogleGenAI(options), { backend, journal });
  operation.on('warning', () => undefined);
  const error = (await operation.result().catch((reason: unknown) => reason)) as Outcome['error'];
  const tookMs = performance.now() - startedAt;
  // The record goes soon after.
  await vi.waitFor(async () => expect((await journal.list()).entries).toEqual([]));
  return { error, tookMs };
}

describe.each(backends)('by %s, a request that never leaves the process', (backend) => {
  it.each(ways)('because of %s: nothing was started', async (_, options, told) => {
    const { error, tookMs } = await outcomeOf(options(), backend);
    expect(error).toMatchObject({ name: 'NotStartedError', code: 'NOT_SENT', jobs: [{ state: 'not-started' }] });
    expect(error.message).toMatch(told);
    expect(error.message).not.toMatch(/a-secret|a-key|AIza/);
    expect(requests).toBe(0);
    expect(tookMs).toBeLessThan(1_000);
  });
});

it.each(['interactions', 'models'] as const)('by %s, a request that was written may have arrived', async (backend) => {
  for (const baseUrl of [`http://${urls.mute}`, `http://${urls.tls}`]) {
    const operation = cancelable(new GoogleGenAI(at(baseUrl))).start(lighthouse, { backend });
    await expect(operation.result()).rejects.toMatchObject({ code: 'RESPONSE_LOST' });
  }
});
