/** Acts as if on another platform: only what happens before `act` returns. */
export function withPlatform<Result>(platform: NodeJS.Platform, act: () => Result): Result {
  const real = Object.getOwnPropertyDescriptor(process, 'platform') ?? {};
  // It is an accessor under Deno.
  Object.defineProperty(process, 'platform', { configurable: true, get: () => platform });
  try {
    return act();
  } finally {
    Object.defineProperty(process, 'platform', real);
  }
}
