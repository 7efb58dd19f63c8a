import { GenaiCancelError } from './base-error.js';

/** One parameter that cannot be honoured. */
export interface UnsupportedParameter {
  /** Path of the parameter, such as `config.negativePrompt`. */
  readonly parameter: string;
  /** Why the backend cannot honour it. */
  readonly why: string;
  /** The alternative. */
  readonly instead: string;
}

/** Parameters that the backend cannot honour, or that nobody knows. Nothing was sent. */
export class UnsupportedParameterError extends GenaiCancelError {
  override readonly name = 'UnsupportedParameterError';
  override readonly code = 'UNSUPPORTED_PARAMETER';
  readonly parameters: readonly UnsupportedParameter[];

  constructor(parameters: readonly UnsupportedParameter[]) {
    super(parameters.map(describe).join(' '));
    this.parameters = parameters;
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), parameters: this.parameters };
  }
}

function describe({ parameter, why, instead }: UnsupportedParameter): string {
  return `Expected \`${parameter}\` to be left out: ${why}. ${instead}`;
}
