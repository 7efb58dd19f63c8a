export { receiver, type Receiver, type ReceiverOptions } from './webhooks/receiver.js';
