import { GoogleGenAI } from '@google/genai';
import { describe, expect, it } from 'vitest';
import { CallFailure, FailureReader, type FailureKind } from '../../src/google/failures.js';

const reader = new FailureReader(new GoogleGenAI({ apiKey: 'a-key' }), []);

/** Error of the SDK for an answer with this status and Google's error body, or with a proxy's page. */
function answered(status: number, body: string): Error {
  return Object.assign(new Error(`${status} status code`), { status, body });
}
const googles = (status: number, message = 'no', code = 'a_code'): Error =>
  answered(status, JSON.stringify({ error: { code, message } }));
const pages = (status: number): Error => answered(status, '<html>no background here</html>');

const nothing = (): never => {
  throw new Error('Nothing has arrived.');
};

const statuses: readonly (readonly [FailureKind, readonly number[]])[] = [
  ['rate-limited', [429, 503]],
  ['rejected', [400, 401, 402, 403, 404, 405, 409, 410, 498]],
  ['ambiguous', [200, 302, 399, 408, 499, 500, 501, 502, 504]],
];
const byStatus = statuses.flatMap(([kind, list]) => list.map((status) => [status, kind] as const));

describe('the kind of a failure', () => {
  it.each(byStatus)('of a %d of Google is %s', (status, kind) => {
    expect(reader.read(googles(status)).kind).toBe(kind);
  });

  it.each(byStatus)('of a %d of a proxy is %s, but for the 503', (status, kind) => {
    expect(reader.read(pages(status)).kind).toBe(status === 503 ? 'ambiguous' : kind);
  });

  it('is ambiguous where there is neither a status nor a code', () => {
    expect(reader.read(new Error('terminated')).kind).toBe('ambiguous');
  });
});

describe('a refused background', () => {
  it.each([
    [400, 'Background runs are not supported.', true],
    [400, 'the field `background` is unknown', true],
    [400, 'No backgrounds in pictures.', false],
    [400, 'no', false],
    [403, 'background', false],
    [404, 'no', true],
    [405, 'no', true],
    [501, 'no', true],
    [500, 'background', false],
  ])('is a create with %d, "%s": %s', async (status, message, expected) => {
    const kindOf = async (error: Error): Promise<boolean> => {
      const failure = await reader
        .guardCreate(() => Promise.reject(error), nothing, true)
        .catch((reason: unknown) => reason);
      return failure instanceof CallFailure && failure.kind === 'background-refused';
    };
    expect(await kindOf(googles(status, message))).toBe(expected);
    expect(await kindOf(pages(status))).toBe(false);
    expect(await kindOf(new Error(message))).toBe(false);
    const other = await reader.guard(() => Promise.reject(googles(status, message))).catch((reason: unknown) => reason);
    expect(other).not.toMatchObject({ kind: 'background-refused' });
  });

  it('is not a model that does not exist', async () => {
    const create = reader.guardCreate(() => Promise.reject(googles(404, 'no', 'model_not_found')), nothing, true);
    await expect(create).rejects.toMatchObject({ kind: 'rejected' });
  });
});
