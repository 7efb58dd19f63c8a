import type { ModelCapabilities } from '../client/capabilities.js';
import { cancelable } from '../node/cancelable.js';
import type { CommandOf } from './arguments.js';
import { connect } from './connect.js';
import type { Setting } from './output.js';

const answers: Readonly<Record<ModelCapabilities['cancelable'], string>> = {
  yes: 'the server can cancel what it makes.',
  no: 'the server cannot cancel what it makes.',
  unknown: 'nobody knows whether the server can cancel what it makes.',
};

/** Tells what is known of a model. Needs no key, since it sends nothing. Resolves to the exit code. */
export function capabilities({ model, json, server }: CommandOf<'capabilities'>, { output }: Setting): Promise<number> {
  const images = cancelable(connect(server, { GEMINI_API_KEY: 'none' }));
  const known = images.capabilities(model);
  if (json) output.json({ model, ...known });
  else for (const line of linesOf(model, known)) output.result(line);
  return Promise.resolve(0);
}

function linesOf(model: string, { cancelable: answer, basis, source, observedAt }: ModelCapabilities): string[] {
  return [
    `${model}: ${answers[answer]}`,
    basis,
    source === undefined ? [] : `Source: ${source}`,
    observedAt === undefined ? [] : `Observed: ${new Date(observedAt).toISOString()}`,
  ].flat();
}
