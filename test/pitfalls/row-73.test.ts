import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { lighthouse, WORK_MS } from '../support/setup.js';
import { setupMortal, worlds } from './support.js';

beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => undefined));
afterEach(() => void vi.restoreAllMocks());

/** The moments of the press: while the creates are on their way, while all jobs run, and when one has ended. */
const moments = { 'in the creates': 0, 'in the work': 1_000, 'after the first': WORK_MS + 500 };
const counts = [1, 4, 12];
const cases = Object.entries(worlds).flatMap(([world, settings]) =>
  Object.entries(moments).flatMap(([moment, ms]) => counts.map((count) => ({ world, settings, moment, ms, count }))),
);

const numberIn = (line: string, pattern: RegExp): number => Number(pattern.exec(line)?.[1] ?? 0);

describe('#73 each printed sentence', () => {
  it.each(cases)(
    '#73 each printed sentence is true of the server: $world, $moment, $count images',
    async ({ settings, ms, count }) => {
      const all = setupMortal(settings, { maxConcurrency: undefined });
      const { meter } = all.emulator;
      void all.images.generateImages({ ...lighthouse, config: { numberOfImages: count } }).catch(() => undefined);
      await all.clock.advance(ms);
      // Once everything has ended, nothing listens to signals.
      if (!all.isInFlight()) {
        expect(meter.running()).toEqual([]);
        return;
      }
      const pressing = all.press();
      const running = meter.running();
      const requests = running.filter(({ kind }) => kind === 'generateContent').length;
      const [first = '', outcome = '', ...rest] = await pressing;

      expect(numberIn(first, /(\d+) requests? cannot be cancelled/)).toBe(requests);
      if (!first.includes('no answer yet')) {
        // A job whose reads are refused may have ended meanwhile.
        const cancelling = numberIn(first, /cancelling (\d+) jobs? on the server/);
        expect(cancelling).toBeGreaterThanOrEqual(running.length - requests);
        expect(cancelling).toBeLessThanOrEqual(meter.jobs.filter(({ name }) => name !== undefined).length);
        expect(numberIn(first, /(\d+) jobs? (?:was|were) never sent/)).toBe(count - meter.jobs.length);
      }
      const ended = (reason: string): number => meter.jobs.filter(({ endReason }) => endReason === reason).length;
      expect(numberIn(outcome, /(\d+) cancelled \(confirmed by the server\)/)).toBe(ended('cancelled'));
      expect(numberIn(outcome, /(\d+) completed/)).toBe(ended('completed'));
      expect(numberIn(outcome, /(\d+) may still be made/)).toBe(meter.running().length);
      const named = rest.flatMap((line) => /^may still be running: (\S+)\./.exec(line)?.[1] ?? []);
      expect(named).toEqual(meter.running().flatMap(({ name }) => name ?? []));
    },
  );
});
