import type { GeneratedImage } from '../images.js';
import type { CancelReport } from '../report.js';
import { describeCause, GenaiCancelError } from './base-error.js';

/** Node and Deno call this method of an object when they print it. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/**
 * A trigger cancelled the operation before it had settled. `report.outcome` says whether the cancel won the race.
 * Finished images are in `report.response`. `cause` is the caller's reason, by identity.
 *
 * Name and code are those of the platform's abort errors, so that code which tells aborts from failures keeps working.
 */
export class OperationCancelledError extends GenaiCancelError {
  override readonly name = 'AbortError';
  override readonly code = 'ABORT_ERR';
  /** The confirmed facts about each job. */
  readonly report: CancelReport;

  constructor(report: CancelReport, jobs: GenaiCancelError['jobs']) {
    super(describe(report), { jobs, cause: report.reason });
    this.report = report;
  }

  /** Prints the error without the bytes of the images. @internal */
  [INSPECT](_depth: number, options: object, inspect: (value: unknown, options: object) => string): string {
    return `${this.stack ?? this.message} ${inspect(this.toJSON(), options)}`;
  }

  /** Adds the report. The images of `report.response` are without their bytes. */
  override toJSON(): Record<string, unknown> {
    const { reason, response, ...report } = this.report;
    const images = response && { response: { generatedImages: response.generatedImages.map(withoutBytes) } };
    return { ...super.toJSON(), report: { ...report, reason: describeCause(reason), ...images } };
  }
}

/** Errors end up in logs, where megabytes of base64 help nobody. */
function withoutBytes({ image, ...entry }: GeneratedImage): GeneratedImage {
  if (image === undefined) return entry;
  const { imageBytes, ...rest } = image;
  return { ...entry, image: imageBytes === undefined ? image : rest };
}

function describe({ outcome, trigger, leftovers }: CancelReport): string {
  const names = leftovers.map(({ name }) => name ?? 'a job without a known name').join(', ');
  return `The operation was cancelled by ${trigger}: ${outcome}.${names === '' ? '' : ` May still be running: ${names}.`}`;
}
