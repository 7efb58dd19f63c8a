/** The promise that the library has broken. */
export type Invariant =
  | 'settles once'
  | 'state and result'
  | 'counts of images'
  | 'one watcher'
  | 'order of events'
  | 'concurrency'
  | 'budget'
  | 'truth of the report'
  | 'nothing is forgotten'
  | 'no image is lost'
  | 'no image twice'
  | 'onImage'
  | 'one create'
  | 'cancel reaches the server'
  | 'silence after the end'
  | 'nothing is left'
  | 'livelock'
  | 'hang'
  | 'recovery'
  | 'determinism'
  | 'crash';

/** The library has broken a promise. */
export class Violation extends Error {
  override readonly name = 'Violation';
  readonly invariant: Invariant;

  constructor(invariant: Invariant, message: string) {
    super(`${invariant}: ${message}`);
    this.invariant = invariant;
  }
}
