export { cancelable } from './node/cancelable.js';
export { saveImage } from './node/image-file.js';
export * from './exports.js';
