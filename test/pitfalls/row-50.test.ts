import { expect, it } from 'vitest';
import type { Fault } from '../../src/testing/index.js';
import { lighthouse, rejection, resolution, setup, type Setup } from '../support/setup.js';
import { noStream, ways, type Way } from './support.js';

const setupOf = (way: Way, faults: readonly Fault[]): Setup =>
  setup({ emulator: { faults }, vertex: way.vertex === true, client: { backend: way.backend } });

it.each(
  ways.flatMap((way) => [
    { way, name: way.name, prompt: 'cati', told: 'No location for "[prompt]".' },
    { way, name: way.name, prompt: 'loca', told: 'No location for "[prompt]".' },
    { way, name: way.name, prompt: 'tion', told: 'No location for "[prompt]".' },
    { way, name: way.name, prompt: 'a', told: 'No location for "a".' },
    { way, name: way.name, prompt: 'for', told: 'No location for "for".' },
  ]),
)('#50 short prompts garble messages: "$prompt" in an error of $name', async ({ way, prompt, told }) => {
  const message = `No location for "${prompt}".`;
  const { clock, images } = setupOf(way, [{ kind: 'status', route: way.create, status: 400, message }]);
  const operation = images.start({ ...lighthouse, model: way.model ?? lighthouse.model, prompt });
  operation.on('warning', () => undefined);
  const error = await rejection(clock, operation.result());
  expect(error).toMatchObject({ code: 'REJECTED', cause: { message: told } });
  expect((error as Error).message).toContain(told);
});

const ends = ways
  .filter(({ backend }) => backend !== 'models')
  .flatMap((way) => {
    const [lastStatus, ...prompts] =
      way.backend === 'batches'
        ? (['JOB_STATE_CANCELLED', 'A', 'STATE', 'CANCELLED', 'JOB_STATE_CANCELLED'] as const)
        : (['cancelled', 'a', 'an', 'celled', 'cancelled'] as const);
    return prompts.map((prompt) => ({ way, name: way.name, lastStatus, prompt }));
  });

it.each(ends)(
  '#50 short prompts garble statuses: "$prompt" in the end of a cancel of $name',
  async ({ way, lastStatus, prompt }) => {
    const { clock, images } = setupOf(way, [noStream]);
    const operation = images.start({ ...lighthouse, prompt });
    await resolution(clock, operation.submitted());
    const report = await resolution(clock, operation.cancel());
    expect(report).toMatchObject({ outcome: 'cancelled', jobs: [{ lastStatus }] });
    expect(operation.jobs).toMatchObject([{ lastStatus }]);
  },
);

it.each(['on', 'ponder', 'pondering'])(
  '#50 short prompts garble statuses: "%s" in the warning of an unknown one',
  async (prompt) => {
    const { clock, images } = setup({ emulator: { faults: [noStream, { kind: 'end', status: 'pondering' }] } });
    const operation = images.start({ ...lighthouse, prompt });
    const warnings: string[] = [];
    operation.on('warning', ({ message }) => warnings.push(message));
    await clock.advance(10_000);
    expect(warnings).toEqual([expect.stringContaining('pondering')]);
    expect(operation.jobs).toMatchObject([{ lastStatus: 'pondering' }]);
    void operation.cancel();
    await rejection(clock, operation.result());
  },
);
