import { GenaiCancelError } from './base-error.js';

/** Google has shut the model down. Nothing was sent. `migrateImagen: true` takes the replacement by itself. */
export class ModelShutDownError extends GenaiCancelError {
  override readonly name = 'ModelShutDownError';
  override readonly code = 'ERR_MODEL_SHUT_DOWN';
  readonly model: string;
  /** What Google names in its place. */
  readonly replacement: string;

  constructor(model: string, replacement: string) {
    super(`Google has shut down ${model}. Use ${replacement}, or set \`migrateImagen: true\`.`);
    this.model = model;
    this.replacement = replacement;
  }
}
