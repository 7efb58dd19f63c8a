export { cancelable } from './client/cancelable.js';
export * from './exports.js';
