import type { Clock } from '../util/clock.js';
import * as is from './check.js';
import type { Fault, FaultOf } from './faults.js';
import type { FaultRecord, MeterBook, Mutable } from './meter.js';
import { CREATES, ROUTES, type Route } from './routes.js';

/** The properties of a request that the scope of a fault can name. */
export interface FaultTarget {
  readonly route: Route;
  readonly model?: string | undefined;
  readonly jobName?: string | undefined;
  readonly jobIndex?: number | undefined;
  readonly item?: number | undefined;
}

/** The faults in force, and their counts in the meter. */
export class FaultBook {
  readonly #meter: MeterBook;
  readonly #clock: Clock;

  constructor(meter: MeterBook, clock: Clock) {
    this.#meter = meter;
    this.#clock = clock;
  }

  add(fault: Fault): () => void {
    verifyFault(fault);
    const addedAt = this.#clock.now();
    const record: Mutable<FaultRecord> = { fault: { ...fault }, addedAt, matched: 0, applied: 0, active: true };
    this.#meter.change(() => this.#meter.faults.push(record));
    return () => this.#meter.change(() => void (record.active = false));
  }

  /** The faults of these kinds that strike, at most so many; they are counted. */
  take<K extends Fault['kind']>(kinds: readonly K[], target: FaultTarget, most = 1): FaultOf<K>[] {
    const taken: Fault[] = [];
    for (const record of this.#meter.faults) {
      const isAsked = taken.length < most && kinds.some((kind) => kind === record.fault.kind);
      if (isAsked && this.#strikes(record, target)) taken.push(record.fault);
    }
    return taken as FaultOf<K>[];
  }

  #strikes(record: Mutable<FaultRecord>, target: FaultTarget): boolean {
    const { fault, active, applied, matched, addedAt } = record;
    const { times = Infinity, skip = 0, fromMs = 0, forMs = Infinity } = fault;
    const ageMs = this.#clock.now() - addedAt;
    if (!active || applied >= times || ageMs < fromMs || ageMs >= fromMs + forMs || !fits(fault, target)) return false;
    const strikes = matched >= skip;
    this.#meter.change(() => {
      record.matched += 1;
      if (strikes) record.applied += 1;
    });
    return strikes;
  }
}

function fits(fault: Fault, target: FaultTarget): boolean {
  const { route = '*', model, job, item } = fault;
  if (route !== '*' && route !== target.route) return false;
  if (model !== undefined && model !== target.model) return false;
  if (item !== undefined && (item === '*' ? target.item === undefined : item !== target.item)) return false;
  // It fails the batch as a whole.
  if (fault.kind === 'fail' && item === undefined && target.item !== undefined) return false;
  return job === undefined || job === target.jobName || job === target.jobIndex;
}

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
const words = { message: is.text, code: is.text, quotaId: is.text, gateway: is.flag, headers: is.object };
const CANCELS = ['cancel', 'batch-cancel'] as const;

const KINDS: Readonly<Record<Fault['kind'], Kind>> = {
  status: [{ 'status!': httpStatus, ...words, retryDelayMs: is.duration, body: is.anything, when }],
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
  if (route === '*' || routes.includes(route)) return;
  throw new TypeError(
    `The fault \`${kind}\` never strikes on the route \`${route}\`. It does on: ${routes.join(', ')}`,
  );
}
