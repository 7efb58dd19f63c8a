import { buildEmulator, type Emulator } from './emulator.js';
import type { EmulatorOptions } from './settings.js';

export type { Bucket } from './storage.js';
export type { Emulator, EmulatorServer, ListenOptions } from './emulator.js';
export type * from './faults.js';
export type {
  DeliveryRecord,
  EndReason,
  FaultRecord,
  ItemCounts,
  JobKind,
  JobRecord,
  Meter,
  RequestRecord,
} from './meter.js';
export { journalChecks, type JournalCheck, type JournalStore } from './journal-checks.js';
export { mswHandlers, type MswHttp } from './fetch.js';
export type { Route } from './routes.js';
export type { Access, EmulatorOptions, RegisteredWebhook, WebhookSettings } from './settings.js';
export { createVirtualClock, type VirtualClock } from './virtual-clock.js';
export type { Clock, ClockTimer } from '../util/clock.js';
export type { Journal, JournalClaim, JournalEntry, JournalListing, UnreadableEntry } from '../api/journal.js';

/** An emulated Google. Under Node it can also `listen()`; elsewhere use its `fetch` or `handle`. */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  return buildEmulator(options, () =>
    Promise.reject(new Error('emulator.listen() needs Node: use emulator.fetch or emulator.handle in this runtime')),
  );
}
