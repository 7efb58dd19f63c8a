// React: asks a route of your server for an image, and aborts when the component goes. The server cancels on Google's side.
import { useCallback, useEffect, useRef, useState } from 'react';

export function useImage(url) {
  const [state, setState] = useState({ status: 'idle' });
  const current = useRef(undefined);
  const stop = useCallback(() => current.current?.abort(), []);

  // Call it in an event handler. In an effect, StrictMode would start two paid images.
  const start = useCallback(
    async (prompt) => {
      stop();
      const controller = (current.current = new AbortController());
      const tell = (next) => current.current === controller && setState(next);
      tell({ status: 'working' });
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ prompt }),
          signal: controller.signal,
        });
        if (!response.ok) throw new Error(`The server answered ${response.status}.`);
        tell({ status: 'done', blob: await response.blob() });
      } catch (error) {
        tell(controller.signal.aborted ? { status: 'idle' } : { status: 'failed', error });
      }
    },
    [url, stop],
  );

  useEffect(() => stop, [stop]);
  return { ...state, start, stop };
}
