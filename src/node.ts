export { cancelable } from './node/cancelable.js';
export * from './exports.js';
