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
import { isObject, parseJson, textIn } from '../util/json.js';
import type { Command } from './arguments.js';
import { connect } from './connect.js';
import { CliFailure, messageOf } from './failure.js';
import { chosenJournal } from './journal.js';
import type { Output, Setting } from './output.js';
import { expectConsent } from './surroundings.js';

const KEPT_MS = 30 * 86_400_000;
const MAX_DELAY_MS = 2 ** 31 - 1;

/** Asks the server what it does with a model. Resolves to the exit code; never, when a signal ends the process. */
export async function probe(command: Command, setting: Setting): Promise<number> {
  const { model, json, server, timeoutMs = MAX_DELAY_MS } = command;
  const { output, env } = setting;
  const client = connect(server, env);
  const images = cancelable(client, { journal: chosenJournal(command.journal) });
  const cost = command.streamed ? 'two images' : 'one image';
  const what = `probe starts one small image of ${model} at ${hostOf(client)}, and cancels it. That may cost up to ${cost}.`;
  if (command.yes) output.say(what);
  else await expectConsent(what, setting);
  const controller = new AbortController();
  const late = new CliFailure('There is no report: the time of --timeout was over. The job was cancelled.', 1);
  const timer = setTimeout(() => controller.abort(late), Math.min(timeoutMs, MAX_DELAY_MS));
  const onProgress = (answer: ProbeAnswer): void => {
    if (!json) output.result(answerLine(answer));
  };
  try {
    const report = await images.probe(model, { signal: controller.signal, onProgress, streamed: command.streamed });
    if (json) output.json(report);
    else for (const line of reportLines(report)) output.result(line);
    if (report.background === 'unknown') return 1;
    keep(client, model, images.capabilities(model), output);
    return report.end.confirmed ? 0 : 1;
  } catch (error) {
    if (!(error instanceof OperationCancelledError)) throw error;
    const leftovers = error.report.leftovers.map(leftoverLine);
    throw new CliFailure([`There is no report: ${error.message}`, ...leftovers].join('\n'), 1);
  } finally {
    clearTimeout(timer);
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

function answerLine(answer: ProbeAnswer): string {
  const word = answer.status ?? answer.code;
  return `${calls[answer.call]}: ${http(answer)}${word === undefined ? '' : `, ${word}`}`;
}

const worlds: Readonly<Record<ProbeReport['world'], string>> = {
  A: 'World A: the server accepts background jobs, and cancels them.',
  B: 'World B: the server accepts background jobs, and refuses reads or cancels while they run.',
  C: 'World C: the server refuses background jobs. Nothing was started.',
  unknown: 'This run does not show which world it is.',
};

const UNCHECKED = 'faq.md#what-could-not-be-checked';

/** The page with the open question, and the answer to it. */
const answers: Readonly<Record<ProbeQuestion, readonly [string, (report: ProbeReport) => string]>> = {
  background: ['stopping.md', ({ background }) => `a background job is ${background}`],
  'read-while-running': [UNCHECKED, ({ reads }) => `a read is answered by ${http(reads[0])}`],
  'stream-while-running': [UNCHECKED, ({ stream }) => `${http(stream)}, and ${stream.events} events`],
  'cancel-while-running': [UNCHECKED, ({ cancel, end }) => `${http(cancel)}, and the job ends as ${end.status}`],
  'cancel-again': [UNCHECKED, ({ secondCancel }) => `a second cancel is answered by ${http(secondCancel)}`],
  'final-status': ['cancelling.md', ({ end }) => `the last status is ${end.status}`],
  'usage-after-cancel': [
    'cancelling.md#what-is-charged',
    ({ usage }) => (usage === undefined ? 'no tokens are reported' : `${usage.totalTokens ?? 0} tokens are reported`),
  ],
  'id-in-first-event': [
    UNCHECKED,
    ({ streamed }) => `the first event of a stream has ${streamed?.hasId === true ? 'a' : 'no'} name`,
  ],
  'fetch-after-hangup': [UNCHECKED, ({ streamed }) => `a read after hanging up is answered by ${http(streamed?.read)}`],
};

function reportLines(report: ProbeReport): readonly string[] {
  const settled = report.settles.map((question) => {
    const [page, answer] = answers[question];
    return `Settled: ${question}: ${answer(report)} (docs/${page})`;
  });
  return [worlds[report.world], ...settled, ...report.leftovers.map(leftoverLine)];
}

function leftoverLine({ name, howToCancel }: Leftover): string {
  const how = howToCancel.startsWith(COMMAND) ? `Cancel it with: ${howToCancel}` : howToCancel;
  return name === undefined ? how : `${name} may still be running. ${how}`;
}

const RESULTS = 'probes.json';

/** Folder of the results; `undefined` without a home. */
function resultsFolder(): Folder | undefined {
  const path = dirname(defaultJournalFolder());
  return isAbsolute(path) ? new Folder(path, files) : undefined;
}

const keyOf = (client: GenAIClient, model: string): string => `${hostOf(client)} ${model}`;

/** Reads what the probes of the last 30 days have shown, by host and model. */
function readResults(): Map<string, Record<string, unknown>> {
  const kept = Object(parseJson(String(resultsFolder()?.read(RESULTS)?.bytes ?? ''))) as Record<string, unknown>;
  const isFresh = (result: unknown): result is Record<string, unknown> =>
    isObject(result) && Date.now() - Number(result['at']) < KEPT_MS;
  return new Map(Object.entries(kept).flatMap(([key, result]) => (isFresh(result) ? [[key, result]] : [])));
}

/** Writes a result down, in place of those that are too old. */
function keep(client: GenAIClient, model: string, capabilities: ModelCapabilities, output: Output): void {
  try {
    const results = readResults().set(keyOf(client, model), { at: Date.now(), ...capabilities });
    resultsFolder()?.make();
    resultsFolder()?.put(RESULTS, Buffer.from(JSON.stringify(Object.fromEntries(results))));
  } catch (error) {
    output.say(`Note: the result could not be kept (${messageOf(error)}).`);
  }
}

/** Throws a `CliFailure` if a probe of the last 30 days has seen that the model cannot be cancelled. */
export function expectNotRefused(client: GenAIClient, model: string): void {
  const kept = readResults().get(keyOf(client, model));
  if (kept?.['cancelable'] !== 'no') return;
  const day = new Date(Number(kept['at'])).toISOString().slice(0, 10);
  const why = `${textIn(kept, 'basis') ?? ''} A probe of ${day} has seen that; to look again: genai-cancel probe`;
  throw new CliFailure(`Nothing was sent: ${model} cannot be cancelled on the server. ${why}`, 1);
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
    output.result(`${model}: ${words[known.cancelable]}`);
    output.result(basis);
    if (source !== undefined) output.result(`Source: ${source}`);
    if (observedAt !== undefined) output.result(`Observed: ${new Date(observedAt).toISOString()}`);
  }
  return Promise.resolve(0);
}
