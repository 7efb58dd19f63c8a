import { GoogleGenAI } from '@google/genai';
import { expect, it } from 'vitest';
import { cancelable, memoryJournal } from '../../src/index.js';
import { lighthouse, rejection, setup } from '../support/setup.js';

const backends = ['interactions', 'batches', 'models'] as const;

/** Errors of transports that come before a request is written, as the cause of a failed `fetch`. */
const causes = [
  { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:80' },
  { code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND nowhere' },
  { code: 'EHOSTUNREACH', message: 'connect EHOSTUNREACH 10.0.0.1:443' },
  { code: 'ETIMEDOUT', message: 'connect ETIMEDOUT 10.0.0.1:443' },
  { code: 'UND_ERR_CONNECT_TIMEOUT', message: 'Connect Timeout Error' },
  { code: 'CERT_HAS_EXPIRED', message: 'certificate has expired' },
  { code: 'ERR_TLS_CERT_ALTNAME_INVALID', message: 'Hostname does not match' },
  { code: 'ERR_SSL_WRONG_VERSION_NUMBER', message: 'wrong version number' },
  { code: 'EPROTO', message: 'write EPROTO 80:error:0A00010B:SSL routines:ssl3_get_record:wrong version number' },
  { code: 'UND_ERR_ABORTED', message: 'Proxy response (407) !== 200 when HTTP Tunneling' },
  { code: undefined, message: 'bad port' },
];

/** Errors of transports that may come after a request was written. */
const doubtful = [
  { code: 'ECONNRESET', message: 'read ECONNRESET' },
  { code: 'EHOSTUNREACH', message: 'read EHOSTUNREACH' },
  { code: 'UND_ERR_SOCKET', message: 'other side closed' },
  { code: 'UND_ERR_HEADERS_TIMEOUT', message: 'Headers Timeout Error' },
  { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', message: 'certificate required' },
];

function failing({ code, message }: { code: string | undefined; message: string }): typeof fetch {
  const cause = Object.assign(new Error(message), code === undefined ? {} : { code });
  return () => Promise.reject(new TypeError('fetch failed', { cause }));
}

it.each(backends.flatMap((backend) => causes.map((cause) => ({ backend, ...cause }))))(
  '#52 a request that was never sent counts as running: $backend, $code $message',
  async ({ backend, ...cause }) => {
    const { clock } = setup();
    const journal = memoryJournal({ clock });
    const ai = new GoogleGenAI({ apiKey: 'a-key', httpOptions: { fetch: failing(cause) } });
    const startedAt = clock.now();
    const operation = cancelable(ai, { clock, journal }).start(lighthouse, { backend });
    operation.on('warning', () => undefined);
    expect(await rejection(clock, operation.result())).toMatchObject({ name: 'NotStartedError', code: 'NOT_SENT' });
    expect(clock.now()).toBe(startedAt);
    // The record goes soon after, for the callers come first.
    await clock.advance(1_000);
    expect((await journal.list()).entries).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  },
);

it.each(doubtful)('#52 a request that may have been sent is not called unsent: $code $message', async (cause) => {
  for (const backend of ['interactions', 'models'] as const) {
    const { clock } = setup();
    const ai = new GoogleGenAI({ apiKey: 'a-key', httpOptions: { fetch: failing(cause) } });
    const operation = cancelable(ai, { clock }).start(lighthouse, { backend });
    operation.on('warning', () => undefined);
    expect(await rejection(clock, operation.result())).toMatchObject({ code: 'RESPONSE_LOST' });
  }
});
