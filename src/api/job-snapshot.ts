/** Which part of the API runs the jobs, after the SDK module it uses. */
export type BackendName = 'interactions' | 'batches' | 'models';

/**
 * Where one job stands.
 *
 * - `waiting`: nothing was sent yet. `submitting`: the create is on its way, the name not known.
 * - `queued`, `running`: the server has it.
 * - `succeeded` (with an image or a refusal), `failed`, `cancelled`: how the server said it ended.
 * - `not-started`: it was never sent, or the server refused it. `unknown`: it may be running, nobody can tell.
 */
export type JobState =
  'waiting' | 'submitting' | 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'not-started' | 'unknown';

/** Which job, and how it stood at a moment: plain data, safe to store and to log. */
export interface JobReference {
  /** Position of its first image in the response. */
  readonly index: number;
  /** Positions of all its images, where it makes more than one. */
  readonly indices?: readonly number[];
  readonly backend: BackendName;
  /** `interactions/…`, from the moment the server accepted the job. */
  readonly name?: string;
  /** Of a batch: the display name that it was created with, to find it by in `ai.batches.list()`. */
  readonly displayName?: string;
  readonly state: JobState;
  /** The last status in the server's own words. */
  readonly lastStatus?: string;
  /** Where the server writes what the job makes, if that is not in its own answer: `gs://…` or `bq://…`. */
  readonly results?: string;
}

/** One job of an operation as it stood at a moment. */
export interface JobSnapshot extends JobReference {
  /** Why it has no image. */
  readonly error?: Error;
}
