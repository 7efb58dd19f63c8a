const TIMEOUT_MS = 60_000;

/** Resolves when `isSo()`, which is asked now and whenever there is news. That it never is so is a failure. */
export function until(what, subscribe, isSo) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`Waited in vain until ${what}.`)), TIMEOUT_MS);
    const check = () => {
      if (!isSo()) return;
      clearTimeout(timer);
      resolve();
    };
    subscribe(check);
    check();
  });
}
