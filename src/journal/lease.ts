/** Long enough for a busy process, short enough for those who wait to take its jobs over. */
export const DEFAULT_LEASE_MS = 30_000;
