let reads = 0;

/**
 * The body of a request as text, `undefined` if it breaks off. Chromium hands the body of a request that was cloned, as the
 * SDK does, over from another thread: no number of turns of the event loop is sure to be enough.
 */
export async function readBody(request: Request): Promise<string | undefined> {
  reads += 1;
  try {
    return await request.text().catch(() => undefined);
  } finally {
    reads -= 1;
  }
}

/** Whether the body of any request is being read. */
export function isReadingBody(): boolean {
  return reads > 0;
}
