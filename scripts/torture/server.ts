import { systemClock } from '../../src/util/clock.js';
import { addFault } from '../../src/testing/fault-book.js';
import type { Fault } from '../../src/testing/faults.js';
import { listen } from '../../src/testing/http/server.js';
import { matchRoute } from '../../src/testing/routes.js';
import { serve } from '../../src/testing/serve.js';
import { settingsOf } from '../../src/testing/settings.js';
import { CallLog } from '../../test/simulation/world/call-log.js';
import type { Call, Moment } from '../../test/simulation/world/calls.js';
import { SEEDS, SimulatedServer } from '../../test/simulation/world/server.js';
import { callOf, readError } from '../../test/simulation/world/wire.js';

/** So many jobs ahead the faults are in force. */
const AHEAD = 100;

/** The emulated server of the simulation behind a real port, with what each process has asked of it. */
export type TortureServer = Awaited<ReturnType<typeof openServer>>;

/** Opens it. `faultsOf`: what goes wrong around a job, by its number on the server. A process names itself by its API key. */
export async function openServer(faultsOf: (job: number) => readonly Fault[]) {
  const world = new SimulatedServer(
    settingsOf({ queueMs: 40, workMs: 150, batchQueueMs: 100, batchConcurrency: 2, clock: systemClock }),
  );
  let seq = 0;
  // Nobody knows which answers a process heard before its next request: all of them count as one turn.
  const moment = (): Moment => ({ seq: ++seq, at: systemClock.now(), turn: 0 });
  const log = new CallLog({ server: world, moment, note: () => undefined });
  const byPid = new Map<number, Call[]>();
  let armed = 0;

  const answer = async (request: Request): Promise<Response> => {
    for (; armed < world.work.length + AHEAD; armed++) for (const fault of faultsOf(armed)) addFault(world, fault);
    const { method, headers, signal } = request;
    const url = new URL(request.url);
    const body = await request.text();
    const pid = Number(headers.get('x-goog-api-key'));
    const call = log.open(callOf({ rootNumbered: () => undefined }, { pid }, false, matchRoute(method, url), body));
    const own = byPid.get(pid) ?? [];
    byPid.set(pid, own);
    own.push(call);
    const response = await serve(world, log.requestFor(call, { url, method, headers, body }, { signal }));
    log.link(call);
    if (response.status >= 400) await readError(call, response.clone(), { body });
    // Those who wait for it are told.
    world.meter.change(() => log.delivered(call, response.type === 'error' ? 'reset' : 'answered'));
    return response;
  };

  const server = await listen(answer, {});
  return {
    url: server.url,
    /** How far apart the seeds of two operations are, and the numbers of the operations of two processes. */
    apart: SEEDS,
    world,
    calls: log.calls,
    callsOf: (pid: number) => byPid.get(pid) ?? [],
    jobsOf: (pid: number) => world.work.filter(({ root }) => Math.floor(root / SEEDS) === pid),
    until: (isSo: () => boolean, signal: AbortSignal) => world.meter.waitFor(isSo, signal).catch(() => undefined),
    close: async () => {
      await server.close();
      world.reset();
    },
  };
}
