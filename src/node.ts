export { cancelable } from './node/cancelable.js';
export { saveImage } from './node/image-file.js';
export { warmFetch } from './node/warm-fetch.js';
export * from './exports.js';
