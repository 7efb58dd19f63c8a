/** Notes the frames of the code that is running: an error that comes later, asynchronously, does not have them. */
export function noteCaller(): Error {
  // Its `stack` is a text from the first access on only, which most operations never need.
  return new Error();
}

export function addFrames(error: Error, { stack = '' }: Error): void {
  const frames = stack.replace(/^Error.*\n?/, '');
  if (frames !== '') error.stack = `${error.stack ?? error.message}\n    --- started by ---\n${frames}`;
}
