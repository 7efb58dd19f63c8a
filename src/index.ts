export { cancelable } from './client/cancelable.js';
export { saveImage } from './client/save-image.js';
export { warmFetch } from './client/warm-fetch.js';
export * from './exports.js';
