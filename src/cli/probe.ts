import { randomUUID } from 'node:crypto';
import * as files from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import { COMMAND } from '../api/commands.js';
import { OperationCancelledError } from '../api/errors.js';
import type { ProbeAnswer, ProbeHttp, ProbeQuestion, ProbeReport } from '../api/probe.js';
import type { Leftover } from '../api/report.js';
import type { ModelCapabilities } from '../client/capabilities.js';
import { hostOf } from '../client/probe.js';
import type { GenAIClient } from '../google/sdk.js';
import { cancelable } from '../node/cancelable.js';
import { defaultJournalFolder } from '../node/journal/file-journal.js';
import { Folder } from '../node/journal/folder.js';
import { systemClock } from '../util/clock.js';
import { parseJson } from '../util/json.js';
import { Timers } from '../util/timers.js';
import type { Command } from './arguments.js';
import { connect } from './connect.js';
import { CliFailure, messageOf } from './failure.js';
import { chosenJournal } from './journal.js';
import type { Output, Setting } from './output.js';
import { expectConsent } from './surroundings.js';

/** Asks the server what it does with a model. Resolves to the exit code; never, when a signal ends the process. */
export async function probe(command: Command, setting: Setting): Promise<number> {
  const { model, json, streamed, server, timeoutMs = Infinity } = command;
  const { output, env } = setting;
  const client = connect(server, env);
  const images = cancelable(client, { journal: chosenJournal(command.journal) });
  const cost = streamed ? 'two images' : 'one image';
  const what = `probe starts one small image of ${model} at ${hostOf(client)}, and cancels it. That may cost up to ${cost}.`;
  if (command.yes) output.say(what);
  else await expectConsent(what, setting);
  const controller = new AbortController();
  const late = new CliFailure('There is no report: the time of --timeout was over. Nothing still runs.', 1);
  const drop = new Timers(systemClock).after(timeoutMs, () => controller.abort(late));
  const onProgress = (answer: ProbeAnswer): void => {
    if (!json) output.tell(answerLine(answer));
  };
  try {
    const report = await images.probe(model, { signal: controller.signal, onProgress, streamed });
    if (json) output.json(report);
    else for (const line of reportLines(report)) output.tell(line);
    keep(client, model, images.capabilities(model), output);
    return report.background !== 'unknown' && report.end.confirmed ? 0 : 1;
  } catch (error) {
    if (!(error instanceof OperationCancelledError)) throw error;
    const leftovers = error.report.leftovers.map(leftoverLine);
    throw new CliFailure([`There is no report: ${error.message}`, ...leftovers].join('\n'), 1);
  } finally {
    drop();
    // The journal has to be told, too.
    await images.close();
  }
}

const calls: Readonly<Record<ProbeAnswer['call'], string>> = {
  create: 'Start a background job',
  read: 'Read it',
  stream: 'Open its stream',
  cancel: 'Cancel it',
};

const http = (answer: ProbeHttp | null | undefined): string =>
  typeof answer?.httpStatus === 'number' ? `HTTP ${answer.httpStatus}` : 'no answer';

const answerLine = (answer: ProbeAnswer): string =>
  [`${calls[answer.call]}: ${http(answer)}`, answer.status ?? answer.code ?? []].flat().join(', ');

const worlds: Readonly<Record<ProbeReport['world'], string>> = {
  A: 'World A: the server accepts background jobs, and cancels them.',
  B: 'World B: the server accepts background jobs, and refuses reads or cancels while they run.',
  C: 'World C: the server refuses background jobs. Nothing was started.',
  unknown: 'This run does not show which world it is.',
};

const answers: Readonly<Record<ProbeQuestion, (report: ProbeReport) => string>> = {
  background: ({ background }) => `a background job is ${background}`,
  'read-while-running': ({ reads }) => `a read is answered by ${http(reads[0])}`,
  'stream-while-running': ({ stream }) => `${http(stream)}, and ${stream.events} events`,
  'cancel-while-running': ({ cancel, end }) => `${http(cancel)}, and the job ends as ${end.status}`,
  'cancel-again': ({ secondCancel }) => `a second cancel is answered by ${http(secondCancel)}`,
  'final-status': ({ end }) => `the last status is ${end.status}`,
  'usage-after-cancel': ({ usage }) => `${usage?.totalTokens ?? 'no'} tokens are reported`,
  'id-in-first-event': ({ streamed }) =>
    `the first event of a stream has ${streamed?.hasId === true ? 'a' : 'no'} name`,
  'fetch-after-hangup': ({ streamed }) => `a read after hanging up is answered by ${http(streamed?.read)}`,
};

/** Pages with an open question. The others are all on one. */
const pages: Partial<Record<ProbeQuestion, string>> = {
  background: 'stopping.md',
  'final-status': 'cancelling.md',
  'usage-after-cancel': 'cancelling.md#what-is-charged',
};

function reportLines(report: ProbeReport): readonly string[] {
  const settled = report.settles.map((question) => {
    const page = pages[question] ?? 'faq.md#what-could-not-be-checked';
    return `Settled: ${question}: ${answers[question](report)} (docs/${page})`;
  });
  return [worlds[report.world], ...settled, ...report.leftovers.map(leftoverLine)];
}

function leftoverLine({ name, howToCancel }: Leftover): string {
  const how = howToCancel.startsWith(COMMAND) ? `Cancel it with: ${howToCancel}` : howToCancel;
  return name === undefined ? how : `${name} may still be running. ${how}`;
}

const RESULTS = 'probes.json';
const KEPT_MS = 30 * 86_400_000;

/** Folder of the results; `undefined` without a home. */
function resultsFolder(): Folder | undefined {
  const path = dirname(defaultJournalFolder());
  return isAbsolute(path) ? new Folder(path, files) : undefined;
}

const keyOf = (client: GenAIClient, model: string): string => `${hostOf(client)} ${model}`;

/** Reads what the probes of the last 30 days have shown, by host and model. */
function readResults(): Map<string, ModelCapabilities> {
  const kept = Object(parseJson(String(resultsFolder()?.read(RESULTS)?.bytes ?? ''))) as Record<string, unknown>;
  const observedAt = (result: unknown): number => Number((Object(result) as Partial<ModelCapabilities>).observedAt);
  const fresh = Object.entries(kept).filter(([, result]) => Date.now() - observedAt(result) < KEPT_MS);
  return new Map(fresh as [string, ModelCapabilities][]);
}

/** Writes down what was observed, in place of what is too old. */
function keep(client: GenAIClient, model: string, capabilities: ModelCapabilities, output: Output): void {
  if (capabilities.observedAt === undefined) return;
  try {
    const results = readResults().set(keyOf(client, model), capabilities);
    const file = `.${randomUUID()}.tmp`;
    resultsFolder()?.create(file, Buffer.from(JSON.stringify(Object.fromEntries(results))));
    resultsFolder()?.rename(file, RESULTS);
  } catch (error) {
    output.say(`Note: the result could not be kept (${messageOf(error)}).`);
  }
}

/** Throws a `CliFailure` if a probe of the last 30 days has seen that the model cannot be cancelled. */
export function expectNotRefused(client: GenAIClient, model: string): void {
  const { cancelable, basis = '', observedAt = 0 } = readResults().get(keyOf(client, model)) ?? {};
  if (cancelable !== 'no') return;
  const why = `${basis} A probe of ${new Date(observedAt).toISOString().slice(0, 10)} has seen that.`;
  throw new CliFailure(
    `Nothing was sent: ${model} cannot be cancelled on the server. ${why}\nTo look again: ${COMMAND} probe --model ${model}`,
    1,
  );
}

const words: Readonly<Record<ModelCapabilities['cancelable'], string>> = {
  yes: 'the server can cancel what it makes.',
  no: 'the server cannot cancel what it makes.',
  unknown: 'nobody knows whether the server can cancel what it makes.',
};

/** Tells what is known of a model. Needs no key, since it sends nothing. Resolves to the exit code. */
export function capabilities({ model, json, server }: Command, { output }: Setting): Promise<number> {
  const client = connect(server, { GEMINI_API_KEY: 'none' });
  const known = { ...cancelable(client).capabilities(model), ...readResults().get(keyOf(client, model)) };
  const { basis, source, observedAt } = known;
  if (json) output.json({ model, ...known });
  else {
    output.tell(`${model}: ${words[known.cancelable]}`);
    output.tell(basis);
    if (source !== undefined) output.tell(`Source: ${source}`);
    if (observedAt !== undefined) output.tell(`Observed: ${new Date(observedAt).toISOString()}`);
  }
  return Promise.resolve(0);
}
