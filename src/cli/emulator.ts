import { raise } from '../node/signals/raise.js';
import { createEmulator } from '../testing/http/index.js';
import type { Emulator, EmulatorOptions, Fault, JobRecord, Meter, RequestRecord } from '../testing/http/index.js';
import { compact } from '../util/json.js';
import type { Command } from './arguments.js';
import { connect } from './connect.js';
import { CliFailure, messageOf, usageFailure } from './failure.js';
import type { Output, Setting } from './output.js';

/** Any key will do: this one says what it is for. */
const KEY = 'emulator';

const worlds: Readonly<Record<Command['world'], EmulatorOptions>> = {
  A: {},
  B: { whileRunning: { reads: 'forbidden', cancels: 'forbidden' } },
  C: { background: 'refused' },
};

/** Serves an emulated Google on the loopback interface, until a signal ends the process. Never resolves. */
export async function emulate(command: Command, { stdout, output }: Setting): Promise<never> {
  const { port } = command;
  const emulator = create(command, output);
  const { url } = await emulator.listen({ port }).catch((error: unknown) => {
    throw new CliFailure(`The emulator cannot listen on port ${port} (${messageOf(error)}).`, 1);
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      output.say(summaryOf(emulator.meter));
      raise(signal, () => undefined);
    });
  }
  void emulator.waitFor(tellingChanges(output));
  // In one piece: a shell may read the file as soon as there is something in it.
  stdout.write(`export GOOGLE_GEMINI_BASE_URL=${url}\nexport GEMINI_API_KEY=${KEY}\n`);
  return new Promise(() => undefined);
}

function create({ workMs, queueMs, world, faults }: Command, output: Output): Emulator {
  try {
    const options = { ...worlds[world], ...compact({ workMs, queueMs }) };
    const emulator = createEmulator({ ...options, warn: (message) => output.say(message) });
    for (const text of faults) emulator.addFault(JSON.parse(text) as Fault);
    return emulator;
  } catch (error) {
    throw usageFailure(error instanceof SyntaxError ? `--fault has to be JSON (${error.message}).` : messageOf(error));
  }
}

/** Says each change of a job in a line, and each request that was refused. It is asked at every change, and goes on. */
function tellingChanges(output: Output) {
  const said = new Set<string>();
  return ({ jobs, requests }: Meter): boolean => {
    for (const line of [...jobs.map(standingOf), ...requests.flatMap(refusalOf)]) {
      if (!said.has(line)) output.say(line);
      said.add(line);
    }
    return false;
  };
}

function standingOf({ name, kind, index, status, endReason, gpuMs, workMs, clientGoneAt }: JobRecord): string {
  const label = name ?? `${kind} (job ${index + 1})`;
  if (endReason !== undefined) return `${label}: ${endReason} after ${seconds(gpuMs)} of ${seconds(workMs)} s`;
  return `${label}: ${status}${clientGoneAt === undefined ? '' : '; its client has left'}`;
}

function refusalOf({ method, path, status, answeredAt }: RequestRecord, index: number): string | [] {
  if (answeredAt === undefined || (status ?? 500) < 400) return [];
  return `request ${index + 1}, ${method} ${path}: ${status ?? 'the connection was reset'}`;
}

function summaryOf(meter: Meter): string {
  const ends = meter.jobs.map(({ endReason = 'not ended' }) => endReason);
  const counts = [...new Set(ends)].map((end) => `${ends.filter((one) => one === end).length} ${end}`);
  const jobs = [ends.length, counts.length === 0 ? [] : `(${counts.join(', ')})`].flat().join(' ');
  return `Requests: ${meter.requests.length}. Jobs: ${jobs}. ${costOf(meter)}`;
}

function costOf(meter: Meter): string {
  const wholeMs = meter.jobs.reduce((sum, job) => sum + job.workMs, 0);
  return `The emulated GPU worked for ${seconds(meter.gpuMs())} of the ${seconds(wholeMs)} s that was asked of it.`;
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

/** Starts an emulator in this process, on the loopback interface, and connects to it. */
export async function connectToEmulator({ workMs = 4_000, server: choice }: Command) {
  const emulator = createEmulator({ workMs });
  const server = await emulator.listen();
  return {
    client: connect({ ...choice, baseUrl: server.url }, { GEMINI_API_KEY: KEY }),
    cost: () => costOf(emulator.meter),
    close: () => {
      // Jobs that could not be cancelled go on. They must not keep the process.
      emulator.reset();
      return server.close();
    },
  };
}
