import { Buffer } from 'node:buffer';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { memoryJournal } from '../../src/index.js';
import { receiver } from '../../src/webhooks.js';
import { lighthouse, resolution, setup } from '../support/setup.js';
import * as support from './support.js';
import { parcel, type Form, type GoodParcel, type Parcel } from './support.js';

const HOUR = 3_600;
const URI = 'https://example.com/webhook';

/** Operation under attack: its only reads are those that a delivery causes. */
async function target() {
  const world = setup({ emulator: { workMs: 1_000_000 }, client: { webhook: { uris: [URI] } } });
  const { clock, emulator, images } = world;
  const { handle } = receiver({
    images,
    secrets: [support.OTHER_SECRET, support.SECRET],
    jwks: support.KEY_SET,
    audience: ['https://elsewhere.example.com', support.AUDIENCE],
  });
  const operation = images.start(lighthouse);
  void operation.result().catch(() => undefined);
  await resolution(clock, operation.submitted());
  // The next read of its own comes minutes later.
  await clock.advance(500_000);
  const data = { id: operation.jobs[0]?.name?.replace('interactions/', '') ?? '' };
  const reads = (): number => emulator.meter.requestsTo('get').length;
  const send = async (one: Parcel): Promise<Response> => {
    const response = await handle(support.requestOf(one));
    await clock.settle();
    return response;
  };
  return { ...world, operation, data, reads, send };
}

type Target = Awaited<ReturnType<typeof target>>;
type Forgery = (good: GoodParcel, form: Form, target: Target) => Parcel | Promise<Parcel>;

const withHeaders = (good: Parcel, headers: Record<string, string>): Parcel => ({
  ...good,
  headers: { ...good.headers, ...headers },
});

const withClaims =
  (claims: Record<string, unknown>): Forgery =>
  (_, form, { clock, data }) =>
    parcel(form, clock, { data }, claims);

/** Spells a token in another way: of its last sign two bits count. */
function respelt(token: string): string {
  const signs = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return token.slice(0, -1) + signs.charAt(signs.indexOf(token.slice(-1)) + 1);
}

/** Sends the true delivery first: a replay has an original. */
async function replayed(good: Parcel, { send }: Target): Promise<void> {
  expect((await send(good)).status).toBe(200);
}

const nowOf = ({ clock }: Target): number => Math.floor(clock.now() / 1000);

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(2 ** 16).fill(32)) });
}

/** Signs with a key that is none of the emulator's, under a name. */
const byStranger =
  (keyId?: string): Forgery =>
  async (good, _, self) => {
    const claims = { iat: nowOf(self), aud: support.AUDIENCE };
    return withHeaders(good, { 'webhook-signature': await support.token(claims, support.stranger.privateKey, keyId) });
  };

/** Forgeries, with the status that they get and the forms that they can have. */
const FORGERIES: readonly (readonly [string, number, Forgery, Form?])[] = [
  [
    'signed with a secret that is none of ours',
    401,
    ({ headers, body }) => {
      const [id = '', at = ''] = [headers['webhook-id'], headers['webhook-timestamp']];
      const secret = `whsec_${Buffer.from('nobody knows me').toString('base64')}`;
      return { body, headers: support.headersOf(id, Number(at), support.signed(secret, id, Number(at), body)) };
    },
    'Standard Webhooks',
  ],
  ['signed with an unknown key under a known name', 401, byStranger(), 'JWT'],
  ['signed with a key of an unknown name', 401, byStranger('key-2'), 'JWT'],
  ['with another body', 401, (good) => ({ ...good, body: `${good.body} ` }), 'Standard Webhooks'],
  [
    'with a body that is not the event in its token',
    401,
    async (good, form, { clock, data }) => {
      const claims = { type: 'interaction.completed', data: { id: 'another-job' } };
      return { ...(await parcel(form, clock, { data }, claims)), body: good.body };
    },
    'JWT',
  ],
  [
    'replayed with another id',
    401,
    async (good, _, self) => {
      await replayed(good, self);
      return withHeaders(good, { 'webhook-id': 'msg_another' });
    },
  ],
  [
    'replayed with another time',
    401,
    async (good, _, self) => {
      await replayed(good, self);
      return withHeaders(good, { 'webhook-timestamp': String(nowOf(self) + 1) });
    },
  ],
  [
    'replayed after five minutes with the time of then',
    401,
    async (good, _, self) => {
      await replayed(good, self);
      await self.clock.advance(301_000);
      return withHeaders(good, { 'webhook-timestamp': String(nowOf(self)) });
    },
  ],
  [
    'replayed with another id, and its token spelt in another way',
    401,
    async (good, _, self) => {
      await replayed(good, self);
      const headers = { ...good.headers, 'webhook-id': 'msg_another' };
      return {
        ...good,
        headers: { ...headers, 'webhook-signature': respelt(good.headers['webhook-signature'] ?? '') },
      };
    },
    'JWT',
  ],
  ['stale', 401, (_, form, { clock, data }) => parcel(form, clock, { data, skew: -301 })],
  ['hours old', 401, (_, form, { clock, data }) => parcel(form, clock, { data, skew: -HOUR })],
  ['from the future', 401, (_, form, { clock, data }) => parcel(form, clock, { data, skew: 301 })],
  [
    'with a token that is over',
    401,
    (good, form, self) => withClaims({ exp: nowOf(self) - 1 })(good, form, self),
    'JWT',
  ],
  [
    'with a token for a later time',
    401,
    (good, form, self) => withClaims({ nbf: nowOf(self) + 400 })(good, form, self),
    'JWT',
  ],
  ['with a token of no time', 401, withClaims({ iat: undefined }), 'JWT'],
  ['for a wrong audience', 401, withClaims({ aud: 'https://example.com/another' }), 'JWT'],
  ['for no audience', 401, withClaims({ aud: undefined }), 'JWT'],
  [
    'with the algorithm none',
    401,
    (good, _, self) =>
      withHeaders(good, {
        'webhook-signature': `${base64url({ alg: 'none', kid: 'key-1' })}.${base64url({ iat: nowOf(self), aud: support.AUDIENCE })}.`,
      }),
    'JWT',
  ],
  [
    'with HS256 and the public key as a secret',
    401,
    async (good, _, self) => {
      const secret = new TextEncoder().encode(JSON.stringify(support.publicKey));
      const claims = { iat: nowOf(self), aud: support.AUDIENCE };
      const signature = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'key-1' }).sign(secret);
      return withHeaders(good, { 'webhook-signature': signature });
    },
    'JWT',
  ],
  [
    'with another version of the signature',
    401,
    (good) =>
      withHeaders(good, { 'webhook-signature': good.headers['webhook-signature']?.replace('v1,', 'v2,') ?? '' }),
    'Standard Webhooks',
  ],
  [
    'truncated in the signature',
    401,
    (good) => withHeaders(good, { 'webhook-signature': good.headers['webhook-signature']?.slice(0, -9) ?? '' }),
  ],
  ['truncated in the body', 401, (good) => ({ ...good, body: good.body.slice(0, -9) }), 'Standard Webhooks'],
  ['truncated in the body', 400, (good) => ({ ...good, body: good.body.slice(0, -9) }), 'JWT'],
  ['without a body', 401, (good) => ({ ...good, body: '' }), 'Standard Webhooks'],
  ['without a body', 400, (good) => ({ ...good, body: '' }), 'JWT'],
  ['in bytes that are no text', 400, (good) => ({ ...good, body: Uint8Array.of(0xff, 0xfe) })],
  ['without a signature', 400, ({ body, headers: { 'webhook-signature': _, ...headers } }) => ({ body, headers })],
  ['without an id', 400, ({ body, headers: { 'webhook-id': _, ...headers } }) => ({ body, headers })],
  ['without a time', 400, ({ body, headers: { 'webhook-timestamp': _, ...headers } }) => ({ body, headers })],
  ['with a time that is none', 400, (good) => withHeaders(good, { 'webhook-timestamp': 'now' })],
  ['with a signature that is rubbish', 401, (good) => withHeaders(good, { 'webhook-signature': 'rubbish' })],
  ['of 10 MB', 413, (good) => ({ ...good, body: good.body.padEnd(10 * 2 ** 20) })],
  [
    'of 10 MB, which it says before',
    413,
    (good) => withHeaders({ ...good, body: endless() }, { 'content-length': String(10 * 2 ** 20) }),
  ],
  ['without an end', 413, (good) => ({ ...good, body: endless() })],
  ['as a form', 415, (good) => withHeaders(good, { 'content-type': 'application/x-www-form-urlencoded' })],
  ['by a GET', 405, (good) => ({ ...good, method: 'GET' })],
  ['by a PUT', 405, (good) => ({ ...good, method: 'PUT' })],
];

describe.each(['Standard Webhooks', 'JWT'] as const)('a delivery in the form %s', (form) => {
  const isPossible = ([, , , only]: (typeof FORGERIES)[number]): boolean => only === undefined || only === form;
  const forgeries = FORGERIES.filter(isPossible).map(([title, status, forge]) => [title, status, forge] as const);

  it.each(forgeries)('%s is answered %i, and nothing is read', async (_, status, forge) => {
    const self = await target();
    const { clock, emulator, operation, data, reads, send } = self;
    const good = await parcel(form, clock, { data });
    const forgery = await forge(good, form, self);
    const [before, requests] = [reads(), emulator.meter.requests.length];
    expect((await send(forgery)).status).toBe(status);
    expect(emulator.meter.requests).toHaveLength(requests);
    expect(operation.state).toBe('running');
    expect((await send(await parcel(form, clock, { data }))).status).toBe(200);
    expect(reads()).toBe(before + 1);
  });

  it('is read for once, and is a duplicate within five minutes', async () => {
    const { clock, data, reads, send } = await target();
    const good = await parcel(form, clock, { data });
    const before = reads();
    const answers = await Promise.all([send(good), send(good)]);
    answers.push(await send(good));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(reads()).toBe(before + 1);
  });
});

it.each([[{}], [{ jti: undefined }]])(
  'a token that several events share is good for one delivery of each: %j',
  async (claims) => {
    const { clock, data, reads, send } = await target();
    const before = reads();
    const at = clock.now();
    const shared = (id: string, name: string) =>
      parcel('JWT', clock, { id, data: { id: name } }, { jti: 'one', ...claims });
    const deliveries = await Promise.all([shared('msg_one', 'nobody-knows'), shared('msg_two', data.id)]);
    expect(deliveries[0].headers['webhook-signature']).toBe(deliveries[1].headers['webhook-signature']);
    for (const one of deliveries) expect((await send(one)).status).toBe(200);
    expect(reads()).toBe(before + 1);
    expect(clock.now()).toBe(at);
  },
);

it('a replay after a refusal for another reason is taken: only deliveries that were taken count', async () => {
  const world = await target();
  const journal = memoryJournal();
  let isDown = true;
  const list: typeof journal.list = () => (isDown ? Promise.reject(new Error('It is down.')) : journal.list());
  const options = { images: world.images, jwks: support.KEY_SET, journal: { ...journal, list } };
  const { handle } = receiver(options);
  const good = await parcel('JWT', world.clock, { data: { id: 'of-another-process' } });
  expect((await handle(support.requestOf(good))).status).toBe(503);
  isDown = false;
  const later = withHeaders(good, { 'webhook-timestamp': String(nowOf(world) + 1) });
  expect((await handle(support.requestOf(later))).status).toBe(200);
});
