const TITLES = {
  command: 'commands',
  backend: 'backends',
  fault: 'faults that struck',
  trigger: 'triggers',
  state: 'states',
  outcome: 'outcomes',
  error: 'errors',
  warning: 'warnings',
  skipped: 'records that recover() skipped',
  end: 'ends',
  world: 'worlds',
  death: 'deaths',
  onImage: 'calls of onImage',
};

export function table(counts) {
  return Object.entries(TITLES)
    .map(([kind, title]) => {
      const rows = [...counts].filter(([key]) => key.startsWith(`${kind}:`)).sort(([, one], [, other]) => other - one);
      const lines = rows.map(([key, count]) => `  ${String(count).padStart(10)}  ${key.slice(kind.length + 1)}`);
      return [title, ...lines].join('\n');
    })
    .join('\n');
}

/** Things that a long run has to meet, each more than a hundred times. */
const wanted = {
  command: [
    ...named('start', 'auto, interactions, batches, models, startBatch, imagen, retired'),
    ...named('start', 'vertex, vertex models, vertex batch'),
    ...named('stop by', 'cancel, signal, dispose, cancelAll, close, SIGINT, SIGTERM, SIGHUP'),
    ...named('a process', 'is killed, is frozen, is thawed, is deaf, exits'),
    ...named('recover', 'attach, cancel'),
    ...named('', 'attach by snapshot, attach by name, cancel by name, detach, forget'),
    ...named('', 'let time pass, let answers through, the network stands still, add a fault, heal the server'),
    ...named('', 'a clock jumps, connections are refused, the journal fails, Cloud Storage fails'),
  ],
  backend: named('', 'interactions, batches, models'),
  fault: [
    ...named(
      '',
      'status, page, reset, hang, garbage, json, delay, content-type, cut-body, cut, silent, stream-as-json',
    ),
    ...named('', 'cancel-lag, cancel-499, cancel-ignored, forbidden-while-running, background-refused, list-lag'),
    ...named('', 'refuse, fail, end, image-as-uri, expire, refused connection'),
    ...named('', 'journal reject, journal reject-after, journal hang, repeated create, storage denies'),
  ],
  trigger: named('', 'cancel, signal, timeout, dispose, SIGINT, SIGTERM, SIGHUP'),
  state: named('', 'submitting, queued, running, cancelling, succeeded, failed, cancelled, abandoned'),
  outcome: [
    ...named('', 'not-started, cancelled, partially-cancelled, completed-anyway, failed-anyway, not-cancelable'),
    ...named('', 'unconfirmed, succeeded without a stop, failed without a stop, abandoned without a stop'),
  ],
  world: named('', 'A, B, C'),
  death: named('', 'killed, signal, exit'),
  onImage: named('', 'takes, takes slowly, rejects, throws, never answers'),
  skipped: named('', 'detached, other-server, in-doubt, expired, needs-storage'),
};

function named(what, list) {
  return list.split(', ').map((name) => `${what} ${name}`.trim());
}

const OFTEN = 100;

/** Lists the things that were met too seldom or never, with their numbers. */
export function seldom(counts) {
  const all = Object.entries(wanted).flatMap(([kind, names]) => names.map((name) => ({ kind, name })));
  const met = all.map(({ kind, name }) => ({ what: `${kind} ${name}`, count: counts.get(`${kind}:${name}`) ?? 0 }));
  return met.filter(({ count }) => count <= OFTEN).map(({ what, count }) => `${what} (${count})`);
}
