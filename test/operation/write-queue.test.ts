import { describe, expect, it, vi } from 'vitest';
import { WriteQueue } from '../../src/operation/write-queue.js';
import { createDeferred } from '../../src/util/deferred.js';

/** A queue whose writes wait until they are let go; and what has begun and ended, in order. */
function createQueue() {
  const log: string[] = [];
  const busy: boolean[] = [];
  const queue: WriteQueue = new WriteQueue(() => busy.push(queue.isBusy));
  const write = (name: string) => {
    const store = createDeferred<undefined>();
    const work = vi.fn(async () => {
      log.push(`${name} begins`);
      await store.promise.finally(() => log.push(`${name} ends`));
    });
    const end = (): void => store.resolve(undefined);
    const fail = (): void => store.reject(new Error(`${name} failed`));
    return { work, end, fail };
  };
  return { queue, log, busy, write };
}

const turns = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe('the writes of a queue', () => {
  it('go one after another, in the order in which they were added', async () => {
    const { queue, log, write } = createQueue();
    const [one, two] = [write('one'), write('two')];
    const done = [queue.add(one.work), queue.add(two.work)];
    two.end();
    await turns();
    expect(log).toEqual(['one begins']);
    one.end();
    await Promise.all(done);
    expect(log).toEqual(['one begins', 'one ends', 'two begins', 'two ends']);
  });

  it('are told as busy from the first one to the last', async () => {
    const { queue, busy, write } = createQueue();
    const [one, two] = [write('one'), write('two')];
    expect([queue.isBusy, queue.ended()]).toEqual([false, undefined]);
    void queue.add(one.work);
    void queue.add(two.work);
    expect(busy).toEqual([true, true]);
    const ended = queue.ended();
    one.end();
    await turns();
    expect(busy).toEqual([true, true, true]);
    two.end();
    await ended;
    expect(busy).toEqual([true, true, true, false]);
    expect(queue.ended()).toBeUndefined();
  });

  it('go on after one that failed, and only its own caller hears of it', async () => {
    const { queue, log, write } = createQueue();
    const [one, two] = [write('one'), write('two')];
    const failed = queue.add(one.work);
    const done = queue.add(two.work);
    const ended = queue.ended();
    two.end();
    one.fail();
    await expect(failed).rejects.toThrow('one failed');
    await expect(done).resolves.toBeUndefined();
    await ended;
    expect(log).toEqual(['one begins', 'one ends', 'two begins', 'two ends']);
    expect(queue.isBusy).toBe(false);
  });

  it('are the same for work that throws at once', async () => {
    const { queue } = createQueue();
    const throwing = (): Promise<void> => {
      throw new Error('at once');
    };
    await expect(queue.add(throwing)).rejects.toThrow('at once');
    await expect(queue.addOnce(throwing)).rejects.toThrow('at once');
    expect(queue.isBusy).toBe(false);
  });

  it('have a last one that failed, and that nobody has to handle twice', async () => {
    const { queue, write } = createQueue();
    const one = write('one');
    const failed = queue.add(one.work);
    const ended = queue.ended();
    one.fail();
    await expect(failed).rejects.toThrow('one failed');
    await ended;
    expect(queue.ended()).toBeUndefined();
  });

  it('wait behind one that hangs, and none of them begins', async () => {
    const { queue, log, write } = createQueue();
    const [hanging, next] = [write('hanging'), write('next')];
    void queue.add(hanging.work);
    void queue.add(next.work);
    const after = vi.fn();
    void queue.ended()?.then(after);
    await turns();
    expect([log, queue.isBusy, after.mock.calls]).toEqual([['hanging begins'], true, []]);
    hanging.end();
    next.end();
    await turns();
    expect([log.at(-1), queue.isBusy]).toEqual(['next ends', false]);
    expect(after).toHaveBeenCalledOnce();
  });
});

describe('several requests for one write', () => {
  it('are one write if they come before it has begun, with one end for all', async () => {
    const { queue, log, write } = createQueue();
    const [one, two] = [write('one'), write('two')];
    const first = queue.addOnce(one.work);
    expect(queue.addOnce(two.work)).toBe(first);
    one.end();
    await first;
    expect(log).toEqual(['one begins', 'one ends']);
    expect(two.work).not.toHaveBeenCalled();
  });

  it('are another write once the first has begun: what came since would be missing from it', async () => {
    const { queue, log, write } = createQueue();
    const [one, two, three] = [write('one'), write('two'), write('three')];
    const first = queue.addOnce(one.work);
    await turns();
    const second = queue.addOnce(two.work);
    expect(second).not.toBe(first);
    expect(queue.addOnce(three.work)).toBe(second);
    one.end();
    two.end();
    await second;
    expect(log).toEqual(['one begins', 'one ends', 'two begins', 'two ends']);
  });

  it('keep their place among the other writes, and join however long a write before them hangs', async () => {
    const { queue, log, write } = createQueue();
    const [hanging, joined, last, other] = [write('hanging'), write('joined'), write('last'), write('other')];
    void queue.add(hanging.work);
    const first = queue.addOnce(joined.work);
    void queue.add(last.work);
    await turns();
    expect(queue.addOnce(other.work)).toBe(first);
    for (const { end } of [hanging, joined, last]) end();
    await queue.ended();
    expect(log.filter((line) => line.endsWith('begins'))).toEqual(['hanging begins', 'joined begins', 'last begins']);
  });

  it('all fail with it, and the next request is a write of its own', async () => {
    const { queue, write } = createQueue();
    const [one, two] = [write('one'), write('two')];
    const requests = [queue.addOnce(one.work), queue.addOnce(one.work)];
    one.fail();
    for (const request of requests) await expect(request).rejects.toThrow('one failed');
    const next = queue.addOnce(two.work);
    two.end();
    await expect(next).resolves.toBeUndefined();
    expect([one.work.mock.calls.length, two.work.mock.calls.length]).toEqual([1, 1]);
  });
});
