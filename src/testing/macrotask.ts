interface Runtime {
  setImmediate?: (callback: () => void) => unknown;
  scheduler?: { postTask?: (callback: () => void, options: { priority: 'background' }) => unknown };
  MessageChannel?: typeof MessageChannel;
  setTimeout: (callback: () => void, delayMs: number) => unknown;
}

// Taken when the module loads: fake timers installed later must not stop it.
const {
  setImmediate: immediate,
  scheduler,
  MessageChannel: Channel,
  setTimeout: timeout,
} = globalThis as unknown as Runtime;

/** Resolves in a later turn of the real event loop, after everything that is ready now. */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    if (immediate !== undefined) immediate(resolve);
    // Chromium reads bodies in tasks of their own, which messages overtake.
    else if (scheduler?.postTask !== undefined) scheduler.postTask(resolve, { priority: 'background' });
    else if (Channel !== undefined) viaChannel(Channel, resolve);
    else timeout(resolve, 0);
  });
}

/** Without the 4 ms that browsers add to nested timers. */
function viaChannel(Channel: typeof MessageChannel, resolve: () => void): void {
  const { port1, port2 } = new Channel();
  const onMessage = (): void => {
    port1.close();
    resolve();
  };
  Object.assign(port1, { onmessage: onMessage });
  port2.postMessage(undefined);
}
