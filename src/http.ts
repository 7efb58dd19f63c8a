export { signalFromRequest } from './node/signal-from-request.js';
