import type { CancelOutcome } from '../../src/index.js';
import { sdkOnTheWire } from '../support/sdk-on-the-wire.js';
import { outcomes, type Driver } from './driver.js';

const sdk = await sdkOnTheWire();

/** The outcomes that were reached, by backend and host. */
export class Table {
  readonly #reached = new Map<string, Set<CancelOutcome>>();

  reach({ name }: Driver, outcome: CancelOutcome): void {
    this.#reached.set(name, (this.#reached.get(name) ?? new Set()).add(outcome));
  }

  /** The cells that were neither reached nor explained, and those that were explained and yet reached. */
  gaps(drivers: readonly Driver[]): readonly string[] {
    return drivers.flatMap((driver) =>
      outcomes
        .filter((outcome) => this.#isReached(driver, outcome) === (driver.unreachable[outcome] !== undefined))
        .map((outcome) => `${driver.name}: ${outcome}`),
    );
  }

  print(drivers: readonly Driver[]): string {
    const notes: string[] = [];
    const noteOf = (why: string): string => {
      if (!notes.includes(why)) notes.push(why);
      return `(${notes.indexOf(why) + 1})`;
    };
    const rows = drivers.map((driver) => [
      driver.name,
      ...outcomes.map((outcome) =>
        this.#isReached(driver, outcome) ? 'reached' : noteOf(driver.unreachable[outcome] ?? 'MISSING'),
      ),
    ]);
    const all = [['', ...outcomes], ...rows];
    const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
    const lines = all.map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
    return [`Outcomes of CancelReport, @google/genai ${sdk.version}`, ...lines, ...notes.map((why, index) => `(${index + 1}) ${why}`)].join('\n'); // prettier-ignore
  }

  #isReached({ name }: Driver, outcome: CancelOutcome): boolean {
    return this.#reached.get(name)?.has(outcome) === true;
  }
}
