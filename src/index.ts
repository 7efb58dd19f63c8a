export { cancelable } from './client/plain-cancelable.js';
export * from './exports.js';
