import type { GenerateImagesResponse } from '../api/images.js';
import type { CancelReport } from '../api/report.js';
import { createDeferred } from '../util/deferred.js';

/** What the callers of one operation wait for. */
export class Callers {
  readonly result = createDeferred<GenerateImagesResponse>();
  readonly submitted = createDeferred<undefined>();
  readonly report = createDeferred<CancelReport>();

  /** Tells all of them how it ended. */
  tell(response: GenerateImagesResponse | undefined, error: Error | undefined, report: CancelReport | undefined): void {
    if (report !== undefined) this.report.resolve(report);
    if (error !== undefined) {
      this.submitted.reject(error);
      this.result.reject(error);
    } else if (response !== undefined) {
      // What has no name by now, since it was refused or makes its image within one request, will never have one.
      this.submitted.resolve(undefined);
      this.result.resolve(response);
    }
  }
}
