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
