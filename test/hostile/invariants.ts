import { expect } from 'vitest';
import { GenaiCancelError } from '../../src/api/errors.js';
import type { CancelReport } from '../../src/index.js';
import { parseSnapshot } from '../../src/api/snapshot.js';
import type { Arena, Ending } from './arena.js';
import { secretsIn } from './secrets.js';

/** Every error that a caller may get for what a server does: its codes by its `name`. */
const documented: Readonly<Record<string, readonly string[]>> = {
  AbortError: ['ABORT_ERR'],
  NotStartedError: ['NOT_SENT', 'REJECTED', 'NOT_CANCELABLE'],
  MayBeRunningError: ['RESPONSE_LOST', 'WATCH_LOST'],
  OperationFailedError: ['FAILED', 'RESULT_UNREADABLE'],
};

/** The most characters that a text for people has. */
const MAX_TEXT = 5_000;

/** Checks what holds of every operation, whatever the server answered. */
export function expectSound(arena: Arena, ending: Ending, find = secretsIn): void {
  expectDocumented(ending);
  expectNothingInvented(arena, ending);
  expectNothingTold(ending, find);
  expectNamesKept(arena, ending);
}

/** The final states that go with each error. */
const states: Readonly<Record<string, readonly string[]>> = {
  AbortError: ['cancelled', 'abandoned'],
  NotStartedError: ['failed'],
  MayBeRunningError: ['abandoned'],
  OperationFailedError: ['failed'],
};

/** A response of the documented shape, or an error of ours, and the state that goes with it. */
function expectDocumented({ response, error, operation }: Ending): void {
  const { report: told, name: kind = '' } = (error ?? {}) as { report?: CancelReport; name?: string };
  expect(error === undefined ? ['succeeded'] : states[kind]).toContain(operation.state);
  expect(told === undefined || (told.counts.running === 0) === (operation.state === 'cancelled')).toBe(true);
  if (error === undefined) expectResponse(response);
  else {
    expect(error).toBeInstanceOf(GenaiCancelError);
    const { name, code, cause, message } = error as GenaiCancelError;
    expect(documented[name]).toContain(code);
    expect(message.length).toBeLessThan(MAX_TEXT);
    if (name !== 'AbortError' && cause !== undefined) expect((cause as Error).name).toBe('RemoteError');
    const { report } = error as { report?: CancelReport };
    if (report?.response !== undefined) expectResponse(report.response);
  }
  // A process that attaches to it can read its snapshot.
  expect(() => parseSnapshot(JSON.parse(JSON.stringify(operation)))).not.toThrow();
}

function expectResponse(response: unknown): void {
  const { generatedImages } = response as { generatedImages: Record<string, unknown>[] };
  for (const { image, raiFilteredReason, ...others } of generatedImages) {
    expect(others).toEqual({});
    expect(image === undefined).toBe(typeof raiFilteredReason === 'string');
    if (image === undefined) continue;
    const { imageBytes, gcsUri, mimeType, ...rest } = image as Record<string, unknown>;
    expect(rest).toEqual({});
    expect([typeof imageBytes, typeof gcsUri].sort()).toEqual(['string', 'undefined']);
    expect(['string', 'undefined']).toContain(typeof mimeType);
  }
}

/** Only a status that was read says `cancelled`: what a cancel call is answered does not count. */
function expectNothingInvented({ server }: Arena, { operation, error }: Ending): void {
  const { report } = (error ?? {}) as { report?: CancelReport };
  const isCancelled =
    operation.jobs.some(({ state }) => state === 'cancelled') ||
    report?.outcome === 'cancelled' ||
    report?.outcome === 'partially-cancelled';
  if (!isCancelled || report?.jobs.every(({ state }) => state === 'not-started' || state === 'succeeded')) return;
  const read = server.texts('create', 'get', 'stream', 'batch-create', 'batch-get').join('\n');
  // Of the items of a batch the error says it, by its code.
  expect(read).toMatch(/cancell?ed|"code":\s*1\b/i);
}

/** No key, header or prompt, and no end of text. */
function expectNothingTold({ error, warnings, operation }: Ending, find: typeof secretsIn): void {
  const { report } = (error ?? {}) as { report?: CancelReport };
  const texts = [
    ...warnings,
    JSON.stringify(operation),
    ...[error, ...operation.jobs.map((job) => job.error)].flatMap((each) => {
      if (!(each instanceof GenaiCancelError)) return [];
      const { report: itsReport, ...json } = each.toJSON();
      // The words of a model in place of an image belong to the response.
      const told = { ...(itsReport as object | undefined), response: undefined };
      return [each.message, String(each.cause), JSON.stringify([json, told])];
    }),
    JSON.stringify(report?.leftovers ?? ''),
  ];
  for (const text of texts) {
    expect(find(text)).toEqual([]);
    expect(text.length).toBeLessThan(20_000);
  }
}

/**
 * A create that was answered with a readable name has started something: it is in the handle, and in the error. A batch may be
 * told by its display name, by which it can be found: the SDK takes its answer apart before we see it.
 */
function expectNamesKept({ server }: Arena, { operation, error }: Ending): void {
  const known = operation.jobs.map(({ name }) => name);
  const told = error instanceof GenaiCancelError ? error.jobs.map(({ name }) => name) : known;
  for (const name of namesCreated(server)) {
    if (!name.startsWith('interactions/') && !known.includes(name)) {
      expect(error === undefined || error instanceof GenaiCancelError).toBe(true);
      expect(operation.jobs.map(({ displayName }) => displayName)).toEqual([expect.stringMatching(/^genai-cancel-/)]);
      continue;
    }
    expect(known).toContain(name);
    expect(told).toContain(name);
  }
}

function namesCreated({ served }: Arena['server']): readonly string[] {
  return served.flatMap(({ route, status, contentType, text }) => {
    if (!['create', 'batch-create'].includes(route) || status !== 200) return [];
    if (!contentType.startsWith('application/json')) return [];
    const answer = parse(text().replace(/^\ufeff/, '')) as { id?: unknown; name?: unknown } | null | undefined;
    return [route === 'create' ? prefixed(answer?.id) : answer?.name].filter(isName);
  });
}

function prefixed(id: unknown): unknown {
  return typeof id === 'string' ? `interactions/${id}` : undefined;
}

function isName(name: unknown): name is string {
  return typeof name === 'string' && NAME.test(name);
}

const ID = '[\\w~:=+@-][\\w.~:=+@-]{0,511}';
const NAME = new RegExp(
  `^(interactions/${ID}|batches/${ID}|projects/${ID}/locations/${ID}/batchPredictionJobs/${ID})$`,
);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
