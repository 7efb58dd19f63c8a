// A process that does with a journal what its parent tells it, and answers each message with what came of it.
import { openJournal } from './racer-journals.mjs';

const { journal, close } = await openJournal(JSON.parse(process.argv[2]));
let listed = [];
let won = [];

const orders = {
  /** Puts in entries that nobody has. */
  async fill({ ids }) {
    for (const id of ids) await journal.release(await journal.add(id, `text of ${id}`));
  },
  /** Which ones could be claimed. */
  async look() {
    const { entries, unreadable } = await journal.list();
    if (unreadable.length > 0) throw new Error(JSON.stringify(unreadable));
    listed = entries.sort((one, other) => (one.id < other.id ? -1 : 1));
    return listed.filter(({ isOrphan }) => isOrphan).map(({ id }) => id);
  },
  /** Claims all that was listed. */
  async race({ backwards, atOnce }) {
    const entries = backwards ? listed.toReversed() : listed;
    const claims = atOnce ? await Promise.all(entries.map((entry) => journal.claim(entry))) : await oneByOne(entries);
    won = claims.filter((claim) => claim !== undefined);
    return won;
  },
  /** Gives up what was claimed: how many were still ours. */
  async release() {
    const released = await Promise.all(won.map((claim) => journal.release(claim)));
    return released.filter(Boolean).length;
  },
};

async function oneByOne(entries) {
  const claims = [];
  for (const entry of entries) claims.push(await journal.claim(entry));
  return claims;
}

process.on('message', async ({ order, ...details }) => {
  try {
    process.send({ answer: await orders[order](details) });
  } catch (error) {
    process.send({ problem: String(error?.stack ?? error) });
  }
});
process.on('disconnect', close);
process.send({ answer: 'ready' });
