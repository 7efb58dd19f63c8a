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

/** How often each thing was met, as a text. */
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
    ...['auto', 'interactions', 'batches', 'models', 'startBatch', 'imagen', 'retired'].map((how) => `start ${how}`),
    ...['vertex', 'vertex models', 'vertex batch'].map((how) => `start ${how}`),
    ...['cancel', 'signal', 'dispose', 'cancelAll', 'close', 'SIGINT', 'SIGTERM', 'SIGHUP'].map(
      (how) => `stop by ${how}`,
    ),
    ...['killed', 'frozen', 'thawed'].map((fate) => `a process is ${fate}`),
    'a process exits',
    ...['attach', 'cancel'].map((policy) => `recover ${policy}`),
    ...['attach by snapshot', 'attach by name', 'cancel by name', 'detach', 'forget'],
    ...['let time pass', 'let answers through', 'the network stands still'],
    ...['add a fault', 'heal the server', 'connections are refused', 'the journal fails'],
    'Cloud Storage fails',
  ],
  backend: ['interactions', 'batches', 'models'],
  fault: [
    ...['status', 'page', 'reset', 'hang', 'garbage', 'json', 'delay', 'content-type', 'cut-body'],
    ...['cut', 'silent', 'stream-as-json', 'cancel-lag', 'cancel-499', 'cancel-ignored'],
    ...['forbidden-while-running', 'background-refused', 'list-lag'],
    ...['refuse', 'fail', 'end', 'image-as-uri', 'expire'],
    ...['refused connection', 'journal reject', 'journal reject-after', 'journal hang'],
    ...['repeated create', 'storage denies'],
  ],
  trigger: ['cancel', 'signal', 'timeout', 'dispose', 'SIGINT', 'SIGTERM', 'SIGHUP'],
  state: ['submitting', 'queued', 'running', 'cancelling', 'succeeded', 'failed', 'cancelled', 'abandoned'],
  outcome: [
    ...['not-started', 'cancelled', 'partially-cancelled', 'completed-anyway', 'failed-anyway', 'not-cancelable'],
    ...['unconfirmed', 'succeeded without a stop', 'failed without a stop', 'abandoned without a stop'],
  ],
  world: ['A', 'B', 'C'],
  death: ['killed', 'signal', 'exit'],
  onImage: ['takes', 'takes slowly', 'rejects', 'throws', 'never answers'],
  skipped: ['detached', 'other-server', 'in-doubt', 'expired', 'needs-storage'],
};

const OFTEN = 100;

/** Lists the things that were met too seldom or never, with their numbers. */
export function seldom(counts) {
  return Object.entries(wanted).flatMap(([kind, names]) =>
    names
      .map((name) => ({ name: `${kind} ${name}`, count: counts.get(`${kind}:${name}`) ?? 0 }))
      .filter(({ count }) => count <= OFTEN)
      .map(({ name, count }) => `${name} (${count})`),
  );
}
