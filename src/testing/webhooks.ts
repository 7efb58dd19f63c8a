import type { Batch } from './batch.js';
import { hold } from './client.js';
import { Job, type WorkContext } from './job.js';
import { failureOf } from './job-resource.js';
import { timestamp, type JsonObject } from './json.js';
import type { DeliveryRecord } from './meter.js';
import { createToken, hmac, SIGNING_MS } from './signing.js';

const RETRY_MS = [5_000, ...[5, 30, 120, 300, 600, 360].map((minutes) => minutes * 60_000)];

interface Outgoing extends Pick<DeliveryRecord, 'id' | 'uri' | 'type' | 'job'> {
  /** The issuer of its token. */
  readonly origin: string;
  readonly body: string;
  readonly secrets: readonly string[] | undefined;
}

interface Surroundings extends WorkContext {
  /** Resolves after so many ms, and never after a reset. */
  sleep(ms: number): Promise<void>;
}

/** Sends an event when work has ended, until it is taken. */
export function announceEnd(work: Job | Batch, around: Surroundings): void {
  const { webhook: target, origin } = work.spec;
  void work.over.reached().then(() => {
    const { registered = [], fullIds = false, duplicates = 0 } = around.settings.webhooks;
    const event = eventOf(work, fullIds, target?.userMetadata);
    if (event === undefined) return;
    const endpoints = target?.uris.map((uri) => ({ uri, secrets: undefined })) ?? registered;
    for (const { uri, secrets } of endpoints) {
      for (let copy = 0; copy <= duplicates; copy++) void send({ ...event, origin, uri, secrets }, copy, around);
    }
  });
}

function eventOf(work: Job | Batch, fullIds: boolean, userMetadata: JsonObject | undefined) {
  const { name, status, kind, endedAt } = work.record;
  const type = kind === 'batch' ? BATCH_EVENTS[status] : kind === 'background' ? INTERACTION_EVENTS[status] : undefined;
  if (type === undefined || name === undefined) return undefined;
  const { code, message } = errorOf(work);
  const data = {
    id: fullIds ? name : name.replace(/^\w+\//, ''),
    error_code: code,
    error_message: message,
    output_file_uri: 'responsesFile' in work ? work.responsesFile : undefined,
    user_metadata: userMetadata,
  };
  const body = JSON.stringify({ type, version: 'v1', timestamp: timestamp(endedAt), data });
  return { id: `msg_${name.replace(/\W/g, '')}`, type, job: name, body };
}

function errorOf(work: Job | Batch): { code?: string; message?: string } {
  if (work instanceof Job) return work.record.endReason === 'failed' ? failureOf(work, 'api_error') : {};
  return work.error === undefined ? {} : { code: String(work.error.code), message: work.error.message };
}

const INTERACTION_EVENTS: Readonly<Record<string, string>> = Object.fromEntries(
  ['completed', 'failed', 'cancelled', 'requires_action'].map((status) => [status, `interaction.${status}`]),
);

const BATCH_EVENTS: Readonly<Record<string, string>> = {
  BATCH_STATE_SUCCEEDED: 'batch.succeeded',
  BATCH_STATE_PARTIALLY_SUCCEEDED: 'batch.succeeded',
  BATCH_STATE_CANCELLED: 'batch.cancelled',
  BATCH_STATE_EXPIRED: 'batch.expired',
  BATCH_STATE_FAILED: 'batch.failed',
};

/** Sends it until it is taken. */
async function send(outgoing: Outgoing, copy: number, around: Surroundings): Promise<void> {
  const { shuffleMs = 0, retryMs = RETRY_MS } = around.settings.webhooks;
  // Large steps through the range: neighbours change places.
  const step = around.meter.deliveries.length * 7_919 + copy * 104_729;
  for (const pauseMs of [step % (shuffleMs + 1), ...retryMs]) {
    if (pauseMs > 0) await around.sleep(pauseMs);
    if (await attempt(outgoing, around)) return;
  }
}

/** Sends it once. Returns whether it was taken. */
async function attempt(outgoing: Outgoing, { settings, meter, timers }: Surroundings): Promise<boolean> {
  const { origin, body, secrets, ...sent } = outgoing;
  const { id, uri } = sent;
  const now = timers.now();
  const at = Math.floor(now / 1000);
  const record: DeliveryRecord = { at: now, ...sent, form: secrets ? 'secret' : 'token', status: undefined };
  meter.change(() => meter.deliveries.push(record));
  const claims = { iss: origin, aud: uri, iat: at, exp: at + 300, jti: id };
  const signing = secrets
    ? Promise.all(secrets.map((secret) => hmac(secret, `${id}.${at}.${body}`))).then((all) => all.join(' '))
    : createToken(claims);
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(at),
    'webhook-signature': await hold(signing, SIGNING_MS),
  };
  const post = settings.webhooks.fetch ?? fetch;
  const answer = async (): Promise<number> => (await post(uri, { method: 'POST', headers, body })).status;
  const status = await hold(answer().catch(() => undefined));
  meter.change(() => Object.assign(record, { status }));
  return status !== undefined && status >= 200 && status < 300;
}
