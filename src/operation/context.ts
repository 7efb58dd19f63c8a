import type { Host } from '../host.js';
import type { Settings } from '../options.js';
import type { WarningCode } from './events.js';
import type { Timers } from './timers.js';

/** What the parts of one operation's life share. */
export interface OperationContext {
  readonly settings: Settings;
  readonly timers: Timers;
  readonly host: Host;
  /** Aborts when the operation is asked to stop. Never handed to the SDK. */
  readonly stopped: AbortSignal;
  /** Aborts when the operation has settled. */
  readonly closed: AbortSignal;
  readonly warn: (code: WarningCode, message: string) => void;
}
