export { cancelable } from './client/cancelable.js';
export { saveImage } from './client/save-image.js';
export * from './exports.js';
