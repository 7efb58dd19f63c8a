/** The kinds of things that are counted. */
export type Tallied =
  | 'state'
  | 'fault'
  | 'trigger'
  | 'outcome'
  | 'backend'
  | 'command'
  | 'warning'
  | 'error'
  | 'skipped'
  | 'end'
  | 'onImage'
  | 'death'
  | 'world';

/** How often each thing was met, over many runs. */
export class Tally {
  readonly counts = new Map<string, number>();

  count(kind: Tallied, name: string, times = 1): void {
    const key = `${kind}:${name}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + times);
  }
}
