import { setup } from './setup.js';

/** Reads from a request how the loaded SDK calls itself: `google-genai-sdk/2.32.0 gl-node/v20.19.0`. */
export async function sdkOnTheWire(): Promise<{ readonly version: string; readonly client: string }> {
  const { ai, emulator } = setup();
  await ai.interactions.get('nobody', {}, { maxRetries: 0 }).catch(() => undefined);
  const { apiClient: client = '' } = emulator.meter.requests[0] ?? {};
  return { version: /google-genai-sdk\/(\S+)/.exec(client)?.[1] ?? 'unknown', client };
}
