import { expected } from '../../expected.js';
import { formatOwner, parseOwner, type Owner } from './owner.js';

/** What the name of a file says: `<id>.<fence>.<owner>.json`. */
export interface EntryName {
  readonly file: string;
  readonly id: string;
  readonly fence: number;
  /** `undefined` if it was released. */
  readonly owner: Owner | undefined;
}

const RELEASED = 'free';
const ID = /^[0-9a-z-]{1,64}$/;
const FENCE = /^[1-9]\d{0,14}$/;

/** @throws {TypeError} for an id or a fence that must not get into the name of a file. */
export function entryFile(id: string, fence: number, owner?: Owner): string {
  expectId(id);
  if (!FENCE.test(String(fence))) throw new TypeError(expected('fence', 'a positive integer', fence));
  return `${id}.${fence}.${owner === undefined ? RELEASED : formatOwner(owner)}.json`;
}

/** `undefined` for what `entryFile()` does not make. */
export function parseEntryFile(file: string): EntryName | undefined {
  const [id = '', fence = '', ownerText = '', json, ...rest] = file.split('.');
  if (!ID.test(id) || !FENCE.test(fence) || json !== 'json' || rest.length > 0) return undefined;
  const owner = parseOwner(ownerText);
  if (owner === undefined && ownerText !== RELEASED) return undefined;
  return { file, id, fence: Number(fence), owner };
}

/** @throws {TypeError} for an id that must not get into the name of a file. */
export function expectId(id: unknown): asserts id is string {
  if (typeof id !== 'string' || !ID.test(id)) throw new TypeError(expected('id', `a string that matches ${ID}`, id));
}
