import { describe, expect, it } from 'vitest';
import { differenceOf } from '../../src/api/snapshot.js';
import { serverOf, type GenAIClient } from '../../src/google/sdk.js';

const clientAt = (vertexai: boolean, apiClient?: unknown): GenAIClient =>
  ({ vertexai, apiClient }) as unknown as GenAIClient;
const at = (baseUrl?: string): object => ({
  getBaseUrl: () => baseUrl,
  getProject: () => 'a-project',
  getLocation: () => 'global',
});

describe('serverOf()', () => {
  it('tells where the client sends its requests to, without what else is in the address', () => {
    expect(serverOf(clientAt(false, at('https://user:secret@host:8443/path/?key=secret')))).toStrictEqual({
      vertexai: false,
      origin: 'https://host:8443',
      path: '/path/',
    });
  });

  it('tells the project and location on Vertex', () => {
    expect(serverOf(clientAt(true, at('https://host/')))).toStrictEqual({
      vertexai: true,
      origin: 'https://host',
      path: '/',
      project: 'a-project',
      location: 'global',
    });
  });

  it.each([undefined, null, 'text', {}, { getBaseUrl: () => 'no address' }, { getBaseUrl: () => undefined }])(
    'tells what can be told of an HTTP client such as %o',
    (apiClient) => {
      expect(serverOf(clientAt(true, apiClient))).toStrictEqual({ vertexai: true });
      expect(serverOf(clientAt(false, apiClient))).toStrictEqual({ vertexai: false });
    },
  );
});

describe('differenceOf()', () => {
  const server = { vertexai: true, origin: 'https://host', path: '/team-a/', project: 'p', location: 'l' };

  it.each([
    [{}, undefined],
    [{ vertexai: false }, 'vertexai'],
    [{ project: 'q' }, 'project'],
    [{ location: 'm' }, 'location'],
    [{ project: 'q', location: 'm' }, 'project'],
    [{ project: undefined, location: undefined }, undefined],
    [{ origin: 'https://proxy' }, 'origin'],
    [{ path: '/team-b/' }, 'path'],
    // A record of an earlier version.
    [{ path: undefined }, undefined],
  ])('of one that differs by %o is %s', (change, difference) => {
    expect(differenceOf(server, { ...server, ...change } as typeof server)).toBe(difference);
    expect(differenceOf({ ...server, ...change } as typeof server, server)).toBe(difference);
  });
});
