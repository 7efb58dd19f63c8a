import { describe, expect, it } from 'vitest';
import { createEmulator, type Fault } from '../../src/testing/index.js';
import { rejection, setup } from '../support/setup.js';

type Loose = Readonly<Record<string, unknown>>;

const create = (options: Loose) => (): unknown => createEmulator(options);
const addFault = (fault: Loose) => (): unknown => createEmulator().addFault(fault as unknown as Fault);

/** The two ways in of a fault. */
const waysIn = [
  ['createEmulator()', (fault: Loose) => create({ faults: [fault] })],
  ['addFault()', addFault],
] as const;

/** Matches the error that names the misspelt word, and the known ones with the right one among them. */
const unknown = (noun: string, given: string, right: string): Error =>
  expect.objectContaining({
    name: 'TypeError',
    message: expect.stringMatching(
      new RegExp(`^Unknown ${noun} \`${given}\`\\.( Did you mean \`${right}\`\\?)? Known: (.+, )?${right}(,|$)`),
    ) as string,
  }) as Error;

describe('#67 misspelt settings of the emulator', () => {
  it.each([
    ['workMS', 'workMs', 4_000],
    ['queueMillis', 'queueMs', 0],
    ['fault', 'faults', []],
    ['model', 'models', 'strict'],
    ['constructor', 'clock', undefined],
  ])(
    '#67 misspelt settings of the emulator: `%s` is refused, and `%s` is among the known ones',
    (given, right, value) => {
      expect(create({ [given]: value })).toThrow(unknown('setting', given, right));
    },
  );

  it('#67 misspelt settings of the emulator: a value that is none of the known ones is refused', () => {
    const [name, known] = ['cancelAfterEnd', '400, 404, 409, 200'];
    expect(create({ [name]: 410 })).toThrow(
      new TypeError(`Expected \`${name}\` to be one of ${known}, got \`410\` (number)`),
    );
    expect(create({ models: 'Strict' })).toThrow(/Expected `models` to be one of "strict", "lenient", got `"Strict"`/);
  });
});

describe.each(waysIn)('#67 misspelt faults, by %s', (_, give) => {
  it.each([
    ['hangs', 'hang'],
    ['cancel_ignored', 'cancel-ignored'],
    ['toString', 'status'],
  ])('#67 misspelt faults: the kind `%s` is refused, and `%s` is among the known ones', (given, right) => {
    expect(give({ kind: given })).toThrow(unknown('kind of fault', given, right));
  });

  it.each([
    [{ kind: 'status', status: 500, time: 1 }, 'time', 'times'],
    [{ kind: 'delay', ms: 5, routes: 'get' }, 'routes', 'route'],
    [{ kind: 'cut', afterEvents: 1, how: 'end', afterEvent: 2 }, 'afterEvent', 'afterEvents'],
    // A field of another kind.
    [{ kind: 'hang', ms: 5 }, 'ms', 'when'],
  ])(
    '#67 misspelt faults: of %o the field `%s` is refused, and `%s` is among the known ones',
    (fault, given, right) => {
      expect(give(fault)).toThrow(unknown(`field of the fault \`${fault.kind}\``, given, right));
    },
  );

  it('#67 misspelt faults: a missing field is named', () => {
    expect(give({ kind: 'delay' })).toThrow(/The fault `delay` needs `ms`/);
  });

  it('#67 misspelt faults: an unknown route is refused, and so is one that the fault never strikes on', () => {
    expect(give({ kind: 'hang', route: 'creat' })).toThrow(/Expected `route` to be one of .*"create".*, got `"creat"`/);
    expect(give({ kind: 'silent', route: 'create' })).toThrow(
      /never strikes on the route `create`\. It does on: stream$/,
    );
  });
});

describe('#67 misspelt models', () => {
  const misspelt = { model: 'gemini-3.1-flash-imgae', prompt: 'a lighthouse in fog' };

  it('#67 misspelt models: a strict emulator answers 404, and makes nothing', async () => {
    const { clock, emulator, images } = setup({ emulator: { models: 'strict' } });
    const error = await rejection(clock, images.generateImages(misspelt));
    expect(error).toMatchObject({ code: 'REJECTED', cause: { status: 404 } });
    expect((error as Error).message).toContain(misspelt.model);
    expect(emulator.meter.jobs).toEqual([]);
  });

  it('#67 misspelt models: a lenient emulator warns once, and names the known ones', async () => {
    const warnings: string[] = [];
    const { clock, emulator, images } = setup({ emulator: { warn: (message) => warnings.push(message) } });
    const operation = images.start({ ...misspelt, config: { numberOfImages: 2 } });
    await clock.advance(60_000);
    expect(operation.state).toBe('succeeded');
    expect(emulator.meter.jobs).toHaveLength(2);
    expect(warnings).toEqual([expect.stringContaining(misspelt.model)]);
    expect(warnings[0]).toContain('gemini-3.1-flash-image');
  });
});
