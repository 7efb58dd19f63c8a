/**
 * The part of `node:events` that the tests of the core use, for a page: browsers do not tell which listeners there are.
 * Loaded before anything else, it counts from the beginning.
 */
const listeners = new WeakMap<EventTarget, { type: string; listener: unknown }[]>();
// eslint-disable-next-line @typescript-eslint/unbound-method -- they are called on whatever ours are called on
const { addEventListener, removeEventListener } = EventTarget.prototype;

EventTarget.prototype.addEventListener = function (this: EventTarget, type, listener, options) {
  const own = listeners.get(this) ?? [];
  if (!own.some((known) => known.type === type && known.listener === listener)) {
    listeners.set(this, [...own, { type, listener }]);
  }
  const isOnce = typeof options === 'object' && options.once === true;
  if (isOnce) addEventListener.call(this, type, () => forget(this, type, listener), { once: true });
  addEventListener.call(this, type, listener, options);
};

EventTarget.prototype.removeEventListener = function (this: EventTarget, type, listener, options) {
  forget(this, type, listener);
  removeEventListener.call(this, type, listener, options);
};

function forget(target: EventTarget, type: string, listener: unknown): void {
  const others = listeners.get(target)?.filter((known) => known.type !== type || known.listener !== listener);
  if (others !== undefined) listeners.set(target, others);
}

export function getEventListeners(target: EventTarget, type: string): unknown[] {
  return (listeners.get(target) ?? []).filter((known) => known.type === type).map(({ listener }) => listener);
}
