/** What is to be met more than so often in a long run. */
const OFTEN = 100;
const TITLES = {
  command: 'commands',
  backend: 'backends',
  fault: 'faults that struck',
  trigger: 'triggers',
  state: 'states',
  outcome: 'outcomes',
  error: 'errors',
  warning: 'warnings',
  end: 'ends',
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

/** What was met too seldom, or never. */
export function seldom(counts, wanted) {
  return wanted.filter((key) => (counts.get(key) ?? 0) <= OFTEN).map((key) => `${key} (${counts.get(key) ?? 0})`);
}
