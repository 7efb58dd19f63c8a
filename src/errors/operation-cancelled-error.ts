import type { GeneratedImage } from '../images/types.js';
import type { CancelReport } from '../stop/report.js';
import { describeCause, GenaiCancelError } from './base-error.js';

/** How Node and Deno ask an object how it wants to be printed. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/**
 * The operation was asked to stop before it had settled. Whether the cancel won is in `report.outcome`; images that were
 * finished are in `report.response`.
 *
 * It has the name and code of the platform's abort errors, so that code which tells aborts from failures keeps working.
 */
export class OperationCancelledError extends GenaiCancelError {
  override readonly name = 'AbortError';
  override readonly code = 'ABORT_ERR';
  /** What the server said came of it. */
  readonly report: CancelReport;

  constructor(report: CancelReport, jobs: GenaiCancelError['jobs']) {
    super(describe(report), { jobs, cause: report.reason });
    this.report = report;
  }

  /** Printed without the bytes of the images, too. @internal */
  [INSPECT](_depth: number, options: object, inspect: (value: unknown, options: object) => string): string {
    return `${this.stack ?? this.message} ${inspect(this.toJSON(), options)}`;
  }

  /** As of every error; the images of `report.response` are without their bytes. */
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
  return `The operation was stopped by ${trigger}: ${outcome}.${names === '' ? '' : ` May still be running: ${names}.`}`;
}
