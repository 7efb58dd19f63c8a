import { expect, it } from 'vitest';
import type { Fault } from '../../src/testing/index.js';
import { lighthouse, rejection } from '../support/setup.js';
import { startWith } from './support.js';

/** Says that the model is not there; the words name the background as well. */
const gone = (fields: object = {}): Fault => ({
  kind: 'status',
  route: 'create',
  status: 404,
  code: 'model_not_found',
  message: 'No such model in the background.',
  ...fields,
});

it.each<[string, Fault]>([
  ['as an object', gone()],
  ['as text', gone({ headers: { 'content-type': 'text/plain' } })],
  ['in an array', gone({ body: [{ error: { code: 'model_not_found', message: 'background' } }] })],
])('#54 a 404 model_not_found, %s, is no refusal of the background', async (_, fault) => {
  const { clock, emulator, images, operation } = startWith([fault], { images: 3 });
  const error = await rejection(clock, operation.result());
  expect(error).toMatchObject({ name: 'NotStartedError', code: 'REJECTED', cause: { status: 404 } });
  expect((error as Error).message).toContain('gemini-3.1-flash-image');
  expect(emulator.meter.requests.every(({ route }) => route === 'create')).toBe(true);
  expect(images.capabilities(lighthouse.model)).toMatchObject({ cancelable: 'unknown', known: 'unknown' });
});

it('#54 a page that answers 404 is no refusal of the background: it names the base URL', async () => {
  const page: Fault = { kind: 'json', route: 'create', status: 404, body: 'background' };
  const { clock, emulator, images, operation } = startWith([page]);
  const error = await rejection(clock, operation.result());
  expect(error).toMatchObject({ code: 'REJECTED' });
  expect((error as Error).message).toMatch(/base URL https:\/\/generativelanguage/);
  expect(emulator.meter.requestsTo('generateContent')).toEqual([]);
  expect(images.capabilities(lighthouse.model)).toMatchObject({ known: 'unknown' });
});
