/** Returns the frames of the code that is running: an error that comes later, asynchronously, does not have them. */
export function callerFrames(): string {
  const { stack = '' } = new Error();
  return stack.startsWith('Error') ? stack.slice(stack.indexOf('\n') + 1) : stack;
}

export function addFrames(error: Error, frames: string): void {
  if (frames !== '') error.stack = `${error.stack ?? error.message}\n    --- started by ---\n${frames}`;
}
