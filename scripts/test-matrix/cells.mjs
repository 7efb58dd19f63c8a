/** Majors of Node and of `@google/genai`. SDK 3 needs Node 22; SDK 2 is what npm installs on Node 20. */
const CELLS = [
  { node: 20, genai: 2, always: true },
  { node: 22, genai: 3, always: true },
  { node: 24, genai: 3, always: true },
  { node: 24, genai: 2, always: false },
  { node: 26, genai: 3, always: false },
].map((cell) => ({ ...cell, name: `node${cell.node}/genai${cell.genai}` }));

/** @throws Error for a name that is none. */
export function chooseCells({ all = false, only = [] }) {
  const unknown = only.filter((name) => !CELLS.some((cell) => cell.name === name));
  if (unknown.length > 0) {
    throw new Error(`No such cell: ${unknown.join(', ')}. There are ${CELLS.map(({ name }) => name).join(', ')}.`);
  }
  if (only.length > 0) return CELLS.filter(({ name }) => only.includes(name));
  return CELLS.filter(({ always }) => all || always);
}
