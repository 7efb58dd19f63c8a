import { COMMAND } from '../api/commands.js';

/** A message for the user and an exit code, without a stack. */
export class CliFailure extends Error {
  override readonly name = 'CliFailure';
  /** 1: it could not be done. 2: it was not asked for properly, and nothing was tried. */
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2) {
    super(message);
    this.exitCode = exitCode;
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export const usageFailure = (message: string) => new CliFailure(`${message}\nSee: ${COMMAND} --help`, 2);
