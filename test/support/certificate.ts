import { readFileSync } from 'node:fs';

/** A certificate for localhost that nobody has signed but itself, and its key. Made for tests. */
const pem = readFileSync(new URL('localhost.pem', import.meta.url), 'utf8');

export const cert = pem;
export const key = pem;
