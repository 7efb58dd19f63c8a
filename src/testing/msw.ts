import type { Emulator } from './emulator.js';

/** The part of msw's `http` that is used. */
export interface MswHttp<Handler> {
  all(path: string, resolver: (info: { request: Request }) => Promise<Response>): Handler;
}

/**
 * Handlers for Mock Service Worker: `setupServer(...mswHandlers(emulator, http))`.
 *
 * @param http msw's own namespace `http`, of msw 2 or 3
 * @param baseUrl the host to take over. @default 'https://generativelanguage.googleapis.com'
 */
export function mswHandlers<Handler>(
  emulator: Pick<Emulator, 'handle'>,
  http: MswHttp<Handler>,
  baseUrl = 'https://generativelanguage.googleapis.com',
): Handler[] {
  return [http.all(`${baseUrl.replace(/\/+$/, '')}/*`, ({ request }) => emulator.handle(request))];
}
