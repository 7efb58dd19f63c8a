import * as is from './check.js';
import type { Fault } from './faults.js';
import { CREATES, isIn, ROUTES, type Route } from './routes.js';

/** The fields of one kind of fault, a `!` marking those that it must have, and the routes that it can strike on. */
type Kind = readonly [fields: is.Checks, routes?: readonly Route[]];

const SCOPE: is.Checks = {
  kind: is.anything,
  route: is.oneOf(...ROUTES, '*'),
  times: is.amount,
  skip: is.amount,
  fromMs: is.amount,
  forMs: is.amount,
  model: is.text,
  job: is.either(is.text, is.integer(0)),
  item: is.either(is.integer(0), is.oneOf('*')),
};

export const REFUSAL_FIELDS: is.Checks = { status: is.oneOf(400, 404, 405, 501), message: is.text, gateway: is.flag };

const httpStatus = is.integer(200);
const when = is.oneOf('before', 'after');
const words = { message: is.text, code: is.text, quotaId: is.text };
const CANCELS = ['cancel', 'batch-cancel'] as const;

const KINDS: Readonly<Record<Fault['kind'], Kind>> = {
  status: [
    {
      'status!': httpStatus,
      ...words,
      gateway: is.flag,
      retryDelayMs: is.duration,
      body: is.anything,
      headers: is.object,
      when,
    },
  ],
  page: [{ 'status!': is.oneOf(502, 503, 504), when }],
  reset: [{ when }],
  hang: [{ when }],
  garbage: [{ body: is.text, contentType: is.text, when }],
  json: [{ 'body!': is.anything, status: httpStatus, when }],
  delay: [{ 'ms!': is.amount, when }],
  'content-type': [{ value: is.text }],
  'cut-body': [{ bytes: is.integer(0), how: is.oneOf('end', 'reset') }],
  cut: [{ 'afterEvents!': is.integer(0), 'how!': is.oneOf('end', 'reset', 'error', 'garbage') }, ['stream']],
  silent: [{}, ['stream']],
  'stream-as-json': [{}, ['stream']],
  'cancel-lag': [{ 'ms!': is.amount }, CANCELS],
  'cancel-499': [{}, CANCELS],
  'cancel-ignored': [{}, CANCELS],
  'forbidden-while-running': [{}, ['get', 'batch-get', ...CANCELS]],
  'background-refused': [REFUSAL_FIELDS, ['create']],
  'list-lag': [{ 'ms!': is.amount }, ['batch-list']],
  refuse: [{ text: is.text }, CREATES],
  fail: [{ message: is.text, code: is.text }, CREATES],
  end: [{ 'status!': is.text, lastsMs: is.duration }, CREATES],
  'image-as-uri': [{}, CREATES],
  expire: [{ afterMs: is.amount }, ['batch-create']],
};

/** Throws a `TypeError` for a fault that is misspelt, lacks something, or can never strike. */
export function verifyFault(fault: Fault): void {
  is.verify('fault', fault, is.object);
  const { kind, route = '*' } = fault;
  if (!Object.hasOwn(KINDS, kind)) throw is.unknownName('kind of fault', kind, Object.keys(KINDS));
  const [marked, routes = ROUTES] = KINDS[kind];
  const fields = Object.fromEntries(Object.entries(marked).map(([name, check]) => [name.replace('!', ''), check]));
  is.verifyFields(`field of the fault \`${kind}\``, fault, { ...SCOPE, ...fields });
  const missing = Object.keys(fields).find((name) => `${name}!` in marked && !(name in fault));
  if (missing !== undefined)
    throw new TypeError(`The fault \`${kind}\` needs \`${missing}\`, ${fields[missing]?.words ?? ''}`);
  if (route === '*' || isIn(routes, route)) return;
  throw new TypeError(
    `The fault \`${kind}\` never strikes on the route \`${route}\`. It does on: ${routes.join(', ')}`,
  );
}
