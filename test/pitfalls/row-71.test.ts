import { describe, expect, it } from 'vitest';
import { cancelable } from '../../src/node.js';
import { lighthouse, resolution, setup, type Setup } from '../support/setup.js';

type Client = Setup['ai'];

/** Makes a member of a module read-only, as a wrapper that instruments the SDK may leave it. */
function fix(module: object, name: string): void {
  const member = (module as Record<string, (...args: unknown[]) => unknown>)[name];
  Object.defineProperty(module, name, { value: member?.bind(module), writable: false, configurable: false });
}

/** The parts of the SDK. It makes them when they are first asked for, and goes on making them at the first call. */
async function modulesOf({ interactions, batches, models }: Client): Promise<readonly object[]> {
  await interactions.get('nobody', {}, { maxRetries: 0 }).catch(() => undefined);
  return [interactions, batches, models];
}

type Freeze = (modules: readonly object[], ai: Client) => void;

const freezeAll: Freeze = (modules) => {
  for (const module of modules) Object.freeze(module);
};
const fixAll =
  (...names: readonly string[]): Freeze =>
  (modules) => {
    for (const module of modules) names.filter((name) => name in module).forEach((name) => fix(module, name));
  };

const clients: readonly (readonly [string, Freeze])[] = [
  ['the client is frozen', (_, ai) => void Object.freeze(ai)],
  ['its modules are frozen', freezeAll],
  ['client and modules are frozen', (modules, ai) => [...modules, ai].forEach((part) => Object.freeze(part))],
  ['only `cancel` is read-only', fixAll('cancel')],
  ['only `create` is read-only', fixAll('create')],
  ['every member is read-only', fixAll('create', 'get', 'cancel', 'list', 'generateContent', 'generateImages')],
];

const backends = [
  ['interactions', 'create', 'cancel'],
  ['batches', 'batch-create', 'batch-cancel'],
] as const;

const cases = clients.flatMap(([title, freeze]) =>
  backends.map(([backend, create, cancel]) => ({ title, freeze, backend, create, cancel })),
);

describe('#71 a client whose members are frozen or read-only', () => {
  it.each(cases)(
    '#71 a client whose members are frozen or read-only: the create and the cancel of $backend arrive where $title',
    async ({ freeze, backend, create, cancel }) => {
      const { ai, clock, emulator } = setup();
      freeze(await modulesOf(ai), ai);
      const images = cancelable(ai, { clock, backend });
      const operation = images.start(lighthouse);
      await resolution(clock, operation.submitted());
      const report = await resolution(clock, operation.cancel());
      const arrived = emulator.meter.requestsTo(cancel);
      expect(emulator.meter.requestsTo(create)).toHaveLength(1);
      expect(arrived.map(({ job }) => job)).toEqual([operation.jobs[0]?.name]);
      expect(report.jobs.map(({ cancelRequests }) => cancelRequests)).toEqual([arrived.length]);
      expect(report.outcome).toBe('cancelled');
      expect(emulator.meter.jobs.filter(({ kind }) => kind !== 'generateContent')).toMatchObject([
        { endReason: 'cancelled' },
      ]);
    },
  );

  it.each(clients)(
    '#71 a client whose members are frozen or read-only: what cannot be cancelled is made where %s',
    async (_, freeze) => {
      const { ai, clock, emulator } = setup();
      freeze(await modulesOf(ai), ai);
      const operation = cancelable(ai, { clock, backend: 'models' }).start(lighthouse);
      operation.on('warning', () => undefined);
      expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(1);
      expect(emulator.meter.requestsTo('generateContent')).toHaveLength(1);
    },
  );
});
