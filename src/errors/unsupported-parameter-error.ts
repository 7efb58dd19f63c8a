/** A parameter that the backend cannot honour, or that nobody knows. Thrown before anything is sent. */
export class UnsupportedParameterError extends TypeError {
  override readonly name = 'UnsupportedParameterError';
  readonly code = 'ERR_UNSUPPORTED_PARAMETER';
  /** Path of the parameter, such as `config.negativePrompt`. */
  readonly parameter: string;
  /** What to do instead. */
  readonly instead: string;

  constructor(parameter: string, why: string, instead: string) {
    super(`Expected \`${parameter}\` to be left out: ${why}. ${instead}`);
    this.parameter = parameter;
    this.instead = instead;
  }

  /** A plain object without the stack, so that `JSON.stringify(error)` is not `{}`. */
  toJSON(): Record<string, unknown> {
    const { name, code, message, parameter, instead } = this;
    return { name, code, message, parameter, instead };
  }
}
