import type { Edit } from './arbitraries/answer.js';

interface Place {
  readonly parent: Record<string, unknown> | unknown[];
  readonly key: string | number;
}

/**
 * Edits the text of a JSON value. The new pieces are put in as text, so that there can be what no value of the language
 * gives: a field twice, `__proto__`, 1e400.
 */
export function editJson(text: string, edits: readonly Edit[]): string {
  const root = { root: JSON.parse(text) as unknown };
  const pieces = new Map<string, string>();
  for (const edit of edits) apply(root, edit, pieces);
  let result = JSON.stringify(root.root) as string | undefined;
  for (const [marker, piece] of pieces) result = result?.replace(marker, () => piece);
  return result ?? '';
}

function apply(root: Record<string, unknown>, edit: Edit, pieces: Map<string, string>): void {
  const places = placesIn(root);
  const place = places[edit.at % places.length];
  if (place === undefined) return;
  const { parent, key } = place;
  const fields = parent as Record<string | number, unknown>;
  const marker = `@@${pieces.size}@@`;
  switch (edit.kind) {
    case 'replace':
      fields[key] = marker;
      pieces.set(JSON.stringify(marker), edit.text);
      return;
    case 'remove':
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else Reflect.deleteProperty(parent, key);
      return;
    case 'add':
    case 'repeat': {
      const value = edit.kind === 'repeat' ? parent : fields[key];
      if (typeof value !== 'object' || value === null) return;
      const name = edit.kind === 'repeat' ? String(key) : edit.name;
      if (Array.isArray(value)) value.push(marker);
      else (value as Record<string, unknown>)[marker] = 0;
      pieces.set(
        Array.isArray(value) ? JSON.stringify(marker) : `${JSON.stringify(marker)}:0`,
        Array.isArray(value) ? edit.text : `${JSON.stringify(name)}:${edit.text}`,
      );
    }
  }
}

/** Every value, from the outside in. */
function placesIn(root: Record<string, unknown>): Place[] {
  const places: Place[] = [];
  const visit = (parent: Place['parent']): void => {
    for (const key of Object.keys(parent)) {
      places.push({ parent, key });
      const value = (parent as Record<string, unknown>)[key];
      if (typeof value === 'object' && value !== null) visit(value as Place['parent']);
    }
  };
  visit(root);
  return places;
}
