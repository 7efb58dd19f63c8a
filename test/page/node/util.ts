/**
 * The part of `node:util` that the tests of the core use, for a page: all that can be reached from a value,
 * hidden parts if asked for, as one text to look for secrets in.
 */
export function inspect(value: unknown, options: { showHidden?: boolean } = {}): string {
  const seen = new Set<unknown>();
  const texts: string[] = [];
  const visit = (current: unknown): void => {
    if (typeof current !== 'object' || current === null) {
      texts.push(String(current));
      return;
    }
    if (seen.has(current)) return;
    seen.add(current);
    const custom: unknown = Reflect.get(current, Symbol.for('nodejs.util.inspect.custom'));
    if (typeof custom === 'function') {
      visit(custom.call(current, 12, options, inspect));
      return;
    }
    for (const key of options.showHidden === true ? Reflect.ownKeys(current) : Object.keys(current)) {
      texts.push(String(key));
      visit(Reflect.get(current, key));
    }
  };
  visit(value);
  return texts.join('\n');
}
