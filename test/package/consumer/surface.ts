// All that an application may use of the package, without a type of the SDK, of Node or of a browser. This file is only
// compiled; what must not compile is marked, so that a type which has quietly become `any` is noticed.
import {
  cancelable,
  GenaiCancelError,
  MayBeRunningError,
  memoryJournal,
  NotStartedError,
  OperationCancelledError,
  OperationFailedError,
  postgresJournal,
  readJournal,
  redisJournal,
  RemoteError,
  UnsupportedParameterError,
  type CancelableImages,
  type CancelableOptions,
  type CancelReport,
  type Clock,
  type GenAIClient,
  type GenerateImagesParameters,
  type GenerateImagesResponse,
  type JobSnapshot,
  type Journal,
  type Operation,
  type OperationSnapshot,
  type PostgresClient,
  type Recovery,
  type RedisClient,
  type SkippedOperation,
} from 'genai-cancel';
import { fileJournal } from 'genai-cancel/file-journal';
import {
  createEmulator,
  createVirtualClock,
  journalChecks,
  mswHandlers,
  type Emulator,
  type Fault,
  type Meter,
  type MswHttp,
} from 'genai-cancel/testing';

const parameters: GenerateImagesParameters = {
  model: 'gemini-3.1-flash-image',
  prompt: 'a lighthouse in fog',
  config: { numberOfImages: 4, aspectRatio: '16:9', seed: 1, labels: { team: 'a' } },
};

export function wrap(client: GenAIClient, cancelSignal: AbortSignal): CancelableImages {
  const options: CancelableOptions = {
    cancelSignal,
    timeoutMs: 60_000,
    signals: ['SIGINT', 'SIGUSR2'],
    limits: { submitMs: 60_000 },
  };
  // @ts-expect-error a string is no number of milliseconds
  cancelable(client, { timeoutMs: '1s' });
  // @ts-expect-error an unknown option
  cancelable(client, { retries: 3 });
  // @ts-expect-error an unknown limit
  cancelable(client, { limits: { retries: 3 } });
  return cancelable(client, options);
}

export async function follow(images: CancelableImages): Promise<GenerateImagesResponse> {
  await using operation = images.start(parameters, { backend: 'interactions' });
  const off = operation.on('progress', ({ completed, total }) => show(`${completed} of ${total}`));
  operation.once('image', ({ index, image }) => show(`${index}: ${image.mimeType ?? '?'}`));
  // @ts-expect-error no such event
  operation.on('done', () => undefined);
  // @ts-expect-error no such field
  operation.on('image', ({ bytes }) => bytes);
  for await (const event of operation.events()) {
    if (event.type === 'state') show(`${event.from} -> ${event.to}`);
    if (event.type === 'warning') show(event.code);
    if (event.type === 'settled') show(event.report === undefined ? 'the end' : tell(event.report));
  }
  off();
  await operation.submitted({ signal: new AbortController().signal });
  return await operation.result();
}

export async function stop(client: GenAIClient, operation: Operation): Promise<string[]> {
  await using images = cancelable(client);
  const report = await operation.cancel(new Error('the prompt is wrong'));
  const named = await images.cancel('interactions/a-name');
  const all = await images.cancelAll('the user left');
  operation.detach();
  await images.close();
  return [report, named, ...all].map(tell);
}

/** Exhaustive: an outcome that is added to the union, or renamed, does not compile here. */
export function tell({ outcome, trigger, response, billing, leftovers, jobs, counts }: CancelReport): string {
  switch (outcome) {
    case 'not-started':
      return `${counts.notSent} were not sent`;
    case 'cancelled':
      return `stopped by ${trigger} after ${jobs.map(({ cancelRequests }) => cancelRequests).join()} requests`;
    case 'partially-cancelled':
    case 'completed-anyway':
      return `${response?.generatedImages.length ?? 0} images, ${billing.expectation}: ${billing.basis}`;
    case 'failed-anyway':
    case 'not-cancelable':
      return billing.usage?.totalTokens?.toFixed() ?? '';
    case 'unconfirmed':
      return leftovers.map(({ name, howToCancel }) => `${name ?? '?'}: ${howToCancel}`).join('\n');
    default:
      return outcome satisfies never;
  }
}

export function explain(error: unknown): string {
  if (error instanceof OperationCancelledError) return `${error.code satisfies 'ABORT_ERR'}: ${tell(error.report)}`;
  if (error instanceof NotStartedError) {
    return error.cause instanceof RemoteError ? `${error.code}: ${error.cause.status ?? 'no status'}` : error.code;
  }
  if (error instanceof MayBeRunningError) return jobNames(error.jobs);
  if (error instanceof OperationFailedError) return error.code satisfies 'FAILED' | 'RESULT_UNREADABLE';
  if (error instanceof UnsupportedParameterError) return error.parameters.map(({ instead }) => instead).join();
  if (error instanceof GenaiCancelError) return JSON.stringify(error.toJSON());
  return error instanceof RemoteError ? (error.code ?? '') : '';
}

export function store(operation: Operation): { snapshot: OperationSnapshot; jobs: readonly JobSnapshot[] } {
  const snapshot = operation.toJSON();
  // @ts-expect-error a snapshot is not to be written to
  snapshot.model = 'another';
  return { snapshot, jobs: operation.jobs };
}

export function journals(redis: RedisClient, postgres: PostgresClient): readonly Journal[] {
  // @ts-expect-error a folder is a path
  fileJournal({ folder: 7 });
  const owner = 'a-host:4711';
  return [
    memoryJournal(),
    fileJournal({ folder: '/tmp/a' }),
    redisJournal(redis, { owner }),
    postgresJournal(postgres),
  ];
}

export async function resume(images: CancelableImages, journal: Journal, snapshot: OperationSnapshot): Promise<string> {
  const attached: Operation = images.attach(snapshot, { timeoutMs: 1_000 });
  images.attach('interactions/a-name', { journal: false });
  const recovery: Recovery = await images.recover({ limit: 10, filter: ({ tag }) => tag === 'mine' });
  for (const { operation } of recovery.operations) await operation.result();
  const [cancelled] = (await images.recover({ policy: 'cancel', journal })).operations;
  // @ts-expect-error no such policy
  await images.recover({ policy: 'delete' });
  const [first] = (await readJournal(journal)).operations;
  const isGone = first !== undefined && (await images.forget(first.id));
  return `${cancelled?.report?.outcome ?? ''} ${attached.id} ${String(isGone)} ${recovery.skipped.map(why).join()}`;
}

/** Exhaustive: a reason that is added to the union, or renamed, does not compile here. */
function why({ id, reason }: SkippedOperation): string {
  switch (reason) {
    case 'in-doubt':
    case 'lost':
    case 'expired':
      return `${id} cannot be found`;
    case 'detached':
    case 'other-server':
    case 'needs-storage':
    case 'claimed':
      return `${id} was left alone: ${reason}`;
    default:
      return reason satisfies never;
  }
}

export async function rehearse(): Promise<number> {
  const clock = createVirtualClock({ now: 0 });
  const own: Clock = clock;
  const fault: Fault = { kind: 'status', route: 'cancel', status: 503, times: 2 };
  // @ts-expect-error no such fault
  const unknown: Fault = { kind: 'fire' };
  const emulator: Emulator = createEmulator({ clock: own, workMs: 4_000, faults: [fault] });
  const remove = emulator.addFault({ kind: 'cancel-lag', ms: 100 });
  const running: Meter = await emulator.waitFor((meter) => meter.running().length === 0);
  await clock.advance(4_000);
  await clock.advanceUntil(() => running.jobs.every(({ endReason }) => endReason === 'completed'));
  const answer = await emulator.fetch('https://generativelanguage.googleapis.com/v1beta/interactions/a-name');
  const handled: Response = await emulator.handle(new Request(answer.url));
  await using server = await emulator.listen({ port: 0 });
  remove();
  emulator.reset();
  return handled.status + server.port + running.gpuMs() + Object.keys(unknown).length + journalChecks().length;
}

/** As Mock Service Worker has it; that the real one fits is shown in with-sdk.ts. */
export function handlers(http: MswHttp<{ readonly path: string }>): { readonly path: string }[] {
  return mswHandlers(createEmulator(), http, 'https://us-central1-aiplatform.googleapis.com');
}

function jobNames(jobs: readonly { readonly name?: string }[]): string {
  return jobs.map(({ name }) => name ?? '?').join();
}

const lines: string[] = [];
function show(line: string): void {
  lines.push(line);
}
