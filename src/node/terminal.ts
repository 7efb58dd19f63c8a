/* eslint-disable no-console -- unlike process.stderr.write, it does not kill the process when the terminal is gone */

/** Says something on stderr, if anybody can read that: under Deno it throws when the terminal is gone. */
export function say(...lines: readonly string[]): void {
  for (const line of lines) {
    try {
      console.error(`genai-cancel: ${line}`);
    } catch {
      // Nobody is there to be told.
    }
  }
}

/** Keeps a terminal or pipe that is gone from ending the process before its cancels are out. Returns how to stop that. */
export function guardStandardStreams(): () => void {
  const ignore = (): void => undefined;
  const streams = (['stdout', 'stderr'] as const).flatMap((name) => {
    try {
      return process[name];
    } catch {
      // Node opens a stream at its first use, and cannot open a terminal that is just going away.
      return [];
    }
  });
  for (const stream of streams) stream.on('error', ignore);
  return () => {
    for (const stream of streams) stream.off('error', ignore);
  };
}
