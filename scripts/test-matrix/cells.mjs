/** Nodes, Bun, Deno and Chromium with both majors of `@google/genai`. SDK 3 declares Node 22, so Node 20 has no cell with it. */
const RUNTIMES = [
  { runtime: 'Node', major: 20, genai: [2] },
  { runtime: 'Node', major: 22, genai: [2, 3] },
  { runtime: 'Node', major: 24, genai: [2, 3] },
  { runtime: 'Node', major: 26, genai: [2, 3] },
  { runtime: 'Bun', major: 1, genai: [2, 3] },
  { runtime: 'Deno', major: 2, genai: [2, 3] },
  { runtime: 'Chromium', genai: [2, 3] },
];

const CELLS = RUNTIMES.flatMap(({ runtime, major, genai }) => {
  const place = `${runtime.toLowerCase()}${runtime === 'Node' ? major : ''}`;
  return genai.map((sdk) => ({ runtime, major, genai: sdk, name: `${place}/genai${sdk}` }));
});

/** @throws Error for a name that is none. */
export function chooseCells({ only = [] }) {
  const unknown = only.filter((name) => !CELLS.some((cell) => cell.name === name));
  if (unknown.length > 0) {
    throw new Error(`No such cell: ${unknown.join(', ')}. There are ${CELLS.map(({ name }) => name).join(', ')}.`);
  }
  return only.length > 0 ? CELLS.filter(({ name }) => only.includes(name)) : CELLS;
}
