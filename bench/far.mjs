import { now, Peer, shuffled, sleep } from './peer.mjs';

const FEW = ['replicate', '@fal-ai/client', 'AI SDK'];

/**
 * From the trigger to the last cancel at the server, after silence, by distance and number of jobs. Each side is a process
 * of its own. All jobs of a round are silent together; then they are cancelled one case after the other, in random order.
 */
export async function farCancels({ url, take }, note, { sides, distances, counts, rounds, silenceMs, folder }) {
  const clients = new Map(sides.map((side) => [side, new Peer('client.mjs', { side, folder })]));
  for (const client of clients.values()) await client.heard();
  const cases = sides.flatMap((side) =>
    distances.flatMap((distance) => counts.map((count) => ({ side, distance, count, key: `${distance}/${count}` }))),
  );
  const wanted = cases.filter(({ side, count }) => !FEW.includes(side) || count <= 8);
  for (let round = 0; round < rounds; round++) {
    const startAll = async (own) => {
      for (const { side, distance, count, key } of wanted)
        if (side === own) await clients.get(side).ask({ what: 'start', key, url: url(distance, side), count });
    };
    await Promise.all(sides.map(startAll));
    await sleep(silenceMs);
    await take();
    for (const { side, distance, count, key } of shuffled(wanted)) {
      const { at } = await clients.get(side).ask({ what: 'cancel', key });
      const arrivals = await arrivalsOf(take, count);
      const ms = arrivals.length < count ? Infinity : Math.max(...arrivals) - at;
      note(
        {
          section: 'far',
          what: `${distance} ms away, ${count} ${count === 1 ? 'job' : 'jobs'}`,
          side,
          distance,
          count,
        },
        ms,
      );
    }
    await take(true);
  }
  for (const client of clients.values()) client.end();
}

/** Some clients tell their caller of the end before their cancels have left. */
async function arrivalsOf(take, count) {
  const arrivals = await take();
  for (let tries = 0; tries < 60 && arrivals.length < count; tries++) {
    await sleep(50);
    arrivals.push(...(await take()));
  }
  return arrivals;
}

/** The same on this machine, without silence: by a call, and by SIGINT to a process of its own. */
export async function nearCancels({ url, take }, note, { sides, rounds, folder }) {
  const clients = new Map(sides.map((side) => [side, new Peer('client.mjs', { side, folder })]));
  for (const client of clients.values()) await client.heard();
  for (let round = 0; round < rounds; round++) {
    for (const side of shuffled(sides)) {
      const client = clients.get(side);
      await client.ask({ what: 'start', key: 'near', url: url(0), count: 1 });
      const { at } = await client.ask({ what: 'cancel', key: 'near' });
      note({ section: 'near', what: 'a cancel on this machine', side }, Math.max(...(await take(true))) - at);
    }
    for (const side of shuffled(sides)) {
      const client = new Peer('client.mjs', { side, folder });
      await client.heard();
      await client.ask({ what: 'signal', url: url(0) });
      const at = now();
      await client.kill('SIGINT');
      note({ section: 'near', what: 'SIGINT, to a process of its own', side }, Math.max(...(await take(true))) - at);
    }
  }
  for (const client of clients.values()) client.end();
}

/** Many jobs in flight on this machine: the last cancel at the server, and what each job costs. */
export async function crowds({ url, take }, note, { sides, counts, rounds, folder }) {
  for (let round = 0; round < rounds; round++) {
    for (const count of counts) {
      for (const side of shuffled(sides)) {
        const client = new Peer('client.mjs', { side, folder });
        await client.heard();
        const { at, heapKb, cpuMs } = await client.ask({ what: 'hold', url: url(0), count });
        const last = Math.max(...(await take(true))) - at;
        const row = { section: 'crowd', side, count };
        note({ ...row, what: `${count} in flight: last cancel` }, last);
        note({ ...row, what: `${count} in flight: heap of each`, unit: 'kB' }, heapKb);
        note({ ...row, what: `${count} in flight: CPU of each` }, cpuMs);
        client.end();
      }
    }
  }
}

/** Whole operations: the wall time of each, one at a time, with an image of 1.5 MB and with next to nothing. */
export async function wallTimes({ bigUrl }, note, { rounds, folder }) {
  const sides = ['SDK by hand', 'ours'];
  const clients = new Map(sides.map((side) => [side, new Peer('client.mjs', { side, folder })]));
  for (const client of clients.values()) await client.heard();
  for (let round = -2; round < rounds; round++) {
    for (const [size, what] of [
      ['small', 'next to nothing'],
      ['large', 'an image of 1.5 MB'],
    ]) {
      for (const side of shuffled(sides)) {
        const { ms } = await clients.get(side).ask({ what: 'wall', url: `${bigUrl}/${size}`, count: 20, atOnce: 1 });
        if (round >= 0) note({ section: 'cost', what: `an operation with ${what}`, side }, ms);
      }
    }
  }
  const { copies } = await clients.get('ours').ask({ what: 'held', url: `${bigUrl}/large` });
  note({ section: 'cost', what: 'base64 of an image in memory', side: 'ours', unit: '×' }, copies);
  for (const client of clients.values()) client.end();
}
