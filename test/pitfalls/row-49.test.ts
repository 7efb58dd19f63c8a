import { expect, it } from 'vitest';
import type { Fault } from '../../src/testing/index.js';
import { lighthouse, rejection, resolution, setup } from '../support/setup.js';

const MESSAGE = 'background=true is only supported for agent interactions.';
const refusals = [
  { code: 'invalid_request', message: MESSAGE },
  { code: 400, message: MESSAGE, status: 'INVALID_ARGUMENT' },
];
/** Each of them is a part of the message by which the server refuses, as a whole word or not. */
const prompts = ['background', 'ground', 'a', 'back', 'k', 'background=true', MESSAGE.slice(0, 20)];
const cases = prompts.flatMap((prompt) => refusals.map((error) => ({ prompt, error, code: error.code })));

const refusedWith = (error: object): Fault => ({ kind: 'status', route: 'create', status: 400, body: { error } });

it.each(cases)(
  '#49 the prompt decides about the meaning of an answer: "$prompt" does not turn the fallback off ($code)',
  async ({ prompt, error }) => {
    const { clock, emulator, images } = setup({ emulator: { faults: [refusedWith(error)] } });
    const operation = images.start({ ...lighthouse, prompt });
    const warnings: string[] = [];
    operation.on('warning', ({ code }) => warnings.push(code));
    const { generatedImages } = await resolution(clock, operation.result());
    expect(generatedImages).toHaveLength(1);
    expect(emulator.meter.requestsTo('create')).toHaveLength(1);
    expect(emulator.meter.requestsTo('generateContent')).toHaveLength(1);
    expect(warnings).toEqual(['not-cancelable']);
    expect(images.capabilities(lighthouse.model)).toMatchObject({ cancelable: 'no', known: 'observed' });
  },
);

it.each(cases)(
  '#49 the prompt decides about the meaning of an answer: with "$prompt" a required cancel is refused for what it is ($code)',
  async ({ prompt, error }) => {
    const { clock, emulator, images } = setup({ emulator: { faults: [refusedWith(error)] } });
    const result = images.generateImages({ ...lighthouse, prompt }, { requireCancelable: true });
    expect(await rejection(clock, result)).toMatchObject({ name: 'NotStartedError', code: 'NOT_CANCELABLE' });
    expect(emulator.meter.requestsTo('generateContent')).toEqual([]);
  },
);
