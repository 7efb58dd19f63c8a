import type { Journal, JournalClaim, JournalEntry } from '../api/journal.js';

/** A store that a journal is built on, empty when a check gets it. */
export interface JournalStore {
  /** Opens the store as one more process would: what one opens is to the others somebody else. */
  open(): Promise<Journal>;
  /** Makes the lease of an entry run out, as if its owner had not been heard of for too long. */
  expireLease(id: string): Promise<void>;
}

/** One sentence of the contract of `Journal`. */
export interface JournalCheck {
  readonly name: string;
  /** Rejects with an `Error` that says what was wrong. Needs a store of its own. */
  readonly run: (store: JournalStore) => Promise<void>;
}

/**
 * The contract of `Journal`, sentence by sentence: run these against a store of your own, in any test runner.
 *
 * @example
 * ```ts
 * for (const { name, run } of journalChecks()) test(name, async () => run(await createEmptyStore()));
 * ```
 */
export function journalChecks(): readonly JournalCheck[] {
  return Object.entries(CHECKS).map(([name, check]) => ({
    name,
    run: async (store) => check(await store.open(), await store.open(), store),
  }));
}

const ID = '0123456789abcdef0123456789abcdef';
const OTHER_ID = 'fedcba9876543210fedcba9876543210';

/** Each gets the store as two processes open it. */
const CHECKS: Readonly<Record<string, (ours: Journal, theirs: Journal, store: JournalStore) => Promise<void>>> = {
  'keeps what was added, word for word, owned and with the fence 1': async (ours, theirs) => {
    const text = JSON.stringify({ words: 'ἀρχή \u{1F5FC} "\\', long: 'x'.repeat(100_000) });
    const claim = await ours.add(ID, text);
    equal(claim.id, ID, 'the id of the claim');
    equal(claim.fence, 1, 'the first fence');
    for (const journal of [ours, theirs]) {
      const { owner } = await find(journal, { text, fence: 1, isOrphan: false });
      if (owner === undefined) throw new Error('An entry that is owned has no `owner`.');
    }
  },
  'refuses to add an id twice, and keeps the first': async (ours, theirs) => {
    await ours.add(ID, 'first');
    for (const journal of [ours, theirs]) {
      const [{ status }] = await Promise.allSettled([journal.add(ID, 'second')]);
      equal(status, 'rejected', 'adding an id twice');
    }
    await find(ours, { text: 'first' });
  },
  'replaces the text for its owner': async (ours, theirs) => {
    equal(await ours.write(await ours.add(ID, 'first'), 'second'), true, 'write()');
    await find(theirs, { text: 'second', fence: 1 });
  },
  'lets nobody claim what is owned': async (ours, theirs) => {
    const claim = await ours.add(ID, 'text');
    equal(await theirs.claim(await find(theirs)), undefined, 'claim() of what is owned');
    equal(await ours.renew(claim), true, 'renew() after that');
  },
  'lets one claim what was released, and fences its former owner out': async (ours, theirs) => {
    const claim = await ours.add(ID, 'text');
    equal(await ours.release(claim), true, 'release()');
    const orphan = await find(theirs, { isOrphan: true, owner: undefined });
    await denied(ours, claim, 'after release()');
    await claimed(theirs, orphan);
    await denied(ours, claim, 'after losing it');
    await find(theirs, { text: 'text' });
  },
  'lets one claim an entry whose lease has run out, and fences its former owner out': async (ours, theirs, store) => {
    const claim = await ours.add(ID, 'text');
    await store.expireLease(ID);
    const taken = await claimed(theirs, await find(theirs, { fence: 1, isOrphan: true }));
    await find(ours, { fence: 2, isOrphan: false });
    await denied(ours, claim, 'after losing it');
    equal(await theirs.write(taken, 'theirs'), true, 'write() of the new owner');
    await find(ours, { text: 'theirs' });
  },
  'lets an owner that is late renew its lease as long as nobody has claimed': async (ours, theirs, store) => {
    const claim = await ours.add(ID, 'text');
    await store.expireLease(ID);
    const orphan = await find(theirs);
    equal(await ours.renew(claim), true, 'renew() of a lease that has run out');
    equal(await theirs.claim(orphan), undefined, 'claim() of what was an orphan when it was listed');
    await store.expireLease(ID);
    const again = await find(theirs);
    equal(await ours.write(claim, 'late'), true, 'write() with a lease that has run out');
    equal(await theirs.claim(again), undefined, 'claim() of what was written meanwhile');
  },
  'gives nothing to a claim that comes second': async (first, second, store) => {
    await first.release(await first.add(ID, 'text'));
    const listed = await find(second);
    const taken = await claimed(first, await find(first));
    await store.expireLease(ID);
    equal(await second.claim(listed), undefined, 'claim() with a fence of the past');
    equal(await first.renew(taken), true, 'renew() of the first');
  },
  'lets an entry be claimed again and again, each time with the next fence': async (ours, theirs, store) => {
    await ours.release(await ours.add(ID, 'text'));
    let fence = 1;
    for (const journal of [ours, theirs, await store.open()]) {
      const taken = await claimed(journal, await find(journal));
      equal(taken.fence, ++fence, 'the fence');
      equal(await journal.release(taken), true, 'release()');
    }
  },
  'gives each of many orphans to exactly one of many who claim them at once': async (ours, theirs, store) => {
    const ids = Array.from({ length: 20 }, (_, index) => index.toString(16).padStart(32, '0'));
    for (const id of ids) await ours.release(await ours.add(id, id));
    const others = await Promise.all(Array.from({ length: 7 }, () => store.open()));
    const claimAll = async (journal: Journal): Promise<(JournalClaim | undefined)[]> => {
      const { entries } = await journal.list();
      return Promise.all(entries.map((entry) => journal.claim(entry)));
    };
    const won = await Promise.all([theirs, ...others].map(claimAll));
    const winners = won.flat().filter((claim) => claim !== undefined);
    equal(winners.length, ids.length, 'how often an orphan was claimed');
    equal(new Set(winners.map(({ id }) => id)).size, ids.length, 'how many orphans were claimed');
  },
  'takes out what its owner removes, and nothing else': async (ours, theirs) => {
    const claim = await ours.add(ID, 'text');
    await ours.add(OTHER_ID, 'other');
    equal(await ours.remove(claim), true, 'remove()');
    await denied(ours, claim, 'of what is gone');
    const { entries } = await theirs.list();
    equal(entries.map(({ id }) => id).join(), OTHER_ID, 'what is left');
  },
  'never shows half a text to those who list while it is written': async (ours, theirs) => {
    const texts = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(50_000));
    const claim = await ours.add(ID, texts[0] ?? '');
    const writing = (async () => {
      for (const text of [...texts, ...texts]) await ours.write(claim, text);
    })();
    for (let look = 0; look < 20; look++) {
      const { text } = await find(theirs);
      if (!texts.includes(text)) throw new Error(`A text of ${text.length} characters that nobody wrote.`);
    }
    await writing;
    await find(theirs, { text: texts.at(-1) });
  },
};

/** Finds the one entry with our id, which has to be as it is wanted. */
async function find(journal: Journal, wanted: { [K in keyof JournalEntry]?: unknown } = {}): Promise<JournalEntry> {
  const { entries, unreadable } = await journal.list();
  const found = entries.filter(({ id }) => id === ID);
  const [entry] = found;
  if (entry === undefined || found.length > 1) {
    const problems = unreadable.map(({ place, problem }) => `${place}: ${problem}`).join('; ') || 'nothing';
    throw new Error(`The entry ${ID} was listed ${found.length} times. Unreadable is: ${problems}.`);
  }
  for (const [name, value] of Object.entries(wanted)) equal(entry[name as keyof JournalEntry], value, `\`${name}\``);
  return entry;
}

async function claimed(journal: Journal, entry: JournalEntry): Promise<JournalClaim> {
  const claim = await journal.claim(entry);
  if (claim === undefined) throw new Error(`claim() of the orphan ${entry.id} gave undefined.`);
  equal(claim.fence, entry.fence + 1, 'the fence of a new owner');
  return claim;
}

async function denied(journal: Journal, claim: JournalClaim, when: string): Promise<void> {
  equal(await journal.renew(claim), false, `renew() ${when}`);
  equal(await journal.write(claim, 'not ours'), false, `write() ${when}`);
  equal(await journal.release(claim), false, `release() ${when}`);
  equal(await journal.remove(claim), false, `remove() ${when}`);
}

function equal(actual: unknown, wanted: unknown, what: string): void {
  if (actual !== wanted) throw new Error(`Expected ${what} to be ${brief(wanted)}, got ${brief(actual)}.`);
}

function brief(value: unknown): string {
  const text = value === undefined ? 'undefined' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
