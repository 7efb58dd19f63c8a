import { describe, expect, it } from 'vitest';
import { openInteractionStream } from '../../../src/google/interactions/interaction-stream.js';
import { MalformedAnswerError } from '../../../src/google/failures.js';
import type { JobStatus, StatusEvent } from '../../../src/google/port.js';
import { macrotask } from '../../../src/testing/virtual-clock.js';

/** Makes the stream that the SDK gives for these events. */
function streamOf(...events: unknown[]): ReadableStream {
  return new ReadableStream({
    start(controller) {
      for (const event of events) controller.enqueue(event);
      controller.close();
    },
  });
}

const asItIs = (status: JobStatus): JobStatus => status;

async function read(...events: unknown[]): Promise<StatusEvent[]> {
  const stream = openInteractionStream('an-id', streamOf(...events), asItIs);
  const read: StatusEvent[] = [];
  for (;;) {
    const event = await stream.next();
    if (event === undefined) return read;
    read.push(event);
  }
}

const delta = (data: string): object => ({ event_type: 'step.delta', delta: { type: 'image', data } });
const end = { event_type: 'interaction.completed', interaction: { status: 'completed' } };

describe('openInteractionStream()', () => {
  it.each([undefined, null, 'text', {}, { getReader: 7 }])('refuses %o', (source) => {
    expect(() => openInteractionStream('an-id', source, asItIs)).toThrow(MalformedAnswerError);
    expect(() => openInteractionStream('an-id', source, asItIs)).toThrow('not a stream');
  });

  it('closes the connection, also twice, and whatever comes of it', async () => {
    let cancelled = 0;
    const source = new ReadableStream({
      cancel: () => {
        cancelled++;
        throw new Error('It was closed already.');
      },
    });
    const stream = openInteractionStream('an-id', source, asItIs);
    stream.close();
    stream.close();
    await macrotask();
    expect(cancelled).toBe(1);
  });

  it('reads statuses, and where to resume', async () => {
    expect(
      await read(
        { event_type: 'interaction.created', event_id: 'e1', interaction: { id: 'other', status: 'queued' } },
        { event_type: 'interaction.status_update', event_id: 'e2', status: 'in_progress' },
        { event_type: 'interaction.status_update', event_id: 7, status: 'cancelled' },
      ),
    ).toEqual([
      { understood: true, eventId: 'e1', status: { id: 'an-id', status: 'queued', phase: 'queued' } },
      { understood: true, eventId: 'e2', status: { id: 'an-id', status: 'in_progress', phase: 'running' } },
      { understood: true, status: { id: 'an-id', status: 'cancelled', phase: 'cancelled' } },
    ]);
  });

  it('cleans each status, and has nothing to clean in other events', async () => {
    const cleaned: string[] = [];
    const source = streamOf({ event_type: 'step.start' }, end);
    const stream = openInteractionStream('an-id', source, (status) => {
      cleaned.push(status.status);
      return { ...status, status: 'clean' };
    });
    expect(await stream.next()).toEqual({ understood: true });
    expect(await stream.next()).toMatchObject({ status: { status: 'clean', phase: 'succeeded' } });
    expect(cleaned).toEqual(['completed']);
  });

  it.each([
    ['rubbish', { understood: false }],
    [null, { understood: false }],
    [{}, { understood: false }],
    [
      { event_type: 7, event_id: 'e' },
      { understood: false, eventId: 'e' },
    ],
    [
      { event_type: 'step.start', event_id: 'e' },
      { understood: true, eventId: 'e' },
    ],
    [
      { event_type: 'error', event_id: 'e' },
      { understood: true, eventId: 'e', readAgain: true },
    ],
    [{ event_type: 'interaction.created', interaction: null }, { understood: true }],
    [{ event_type: 'interaction.created', interaction: { status: 7 } }, { understood: true }],
    [{ event_type: 'interaction.status_update', status: 7 }, { understood: true }],
    [{ event_type: 'step.delta', delta: null }, { understood: true }],
    [
      { event_type: 'step.delta', event_id: 'e', delta: { type: 'text' } },
      { understood: true, eventId: 'e' },
    ],
  ])('takes %o for what it is', async (event, expected) => {
    expect(await read(event)).toEqual([expected]);
  });

  it('puts the image that came before the end together with it', async () => {
    const [, status] = await read(delta('one'), end);
    expect(status?.status).toMatchObject({ phase: 'succeeded', outputs: [{ image: { imageBytes: 'one' } }] });
  });

  it('is not misled by what else the steps have', async () => {
    const text = { event_type: 'step.delta', delta: { type: 'text', text: 'Hm.' } };
    const events = await read(text, delta('one'), text, end);
    expect(events.at(-1)?.status?.outputs).toEqual([{ image: { imageBytes: 'one' } }]);
  });

  it('leaves it to a status read which of several is the final one, or whether there is any', async () => {
    expect((await read(delta('one'), delta('two'), end)).at(-1)?.status).not.toHaveProperty('outputs');
    expect((await read({ event_type: 'step.delta', delta: {} }, end)).at(-1)?.status).not.toHaveProperty('outputs');
  });

  it('prefers the image of the end itself, and has none of a job that failed', async () => {
    const steps = [{ type: 'model_output', content: [{ type: 'image', data: 'final' }] }];
    const whole = { ...end, interaction: { status: 'completed', steps } };
    expect((await read(delta('one'), whole)).at(-1)?.status?.outputs).toEqual([{ image: { imageBytes: 'final' } }]);
    const failed = { ...end, interaction: { status: 'failed' } };
    expect((await read(delta('one'), failed)).at(-1)?.status).not.toHaveProperty('outputs');
  });
});
