import { BODY, ONCE, openStage, PARAMETERS } from './stage.mjs';
import { versus } from './versus.mjs';

/** Far longer than a round: what ends a job is the cancel. */
const WORK_MS = 600_000;

/** From the call that cancels to its request at the server, while the job runs. */
export function cancelLatency(rounds) {
  const stage = openStage({ workMs: WORK_MS });
  return versus('cancel() / ai.interactions.cancel(), to the request', rounds, {
    plain: () => direct(stage),
    ours: () => throughOperation(stage),
  });
}

async function direct(stage) {
  const { id } = await stage.ai.interactions.create(BODY, ONCE);
  const { ms } = await untilCancelArrives(stage, () => stage.ai.interactions.cancel(id, {}, ONCE));
  stage.emulator.reset();
  return ms;
}

async function throughOperation(stage) {
  const operation = stage.images.start(PARAMETERS);
  operation.result().catch(() => undefined);
  // With its stream open, as nearly every operation is when it is cancelled.
  await stage.emulator.waitFor((meter) => meter.openStreams === 1);
  const { ms, answer } = await untilCancelArrives(stage, () => operation.cancel());
  if (answer.outcome !== 'cancelled') throw new Error(`The operation is ${answer.outcome}.`);
  stage.emulator.reset();
  return ms;
}

async function untilCancelArrives({ arrivals }, cancel) {
  let arrivedAt;
  arrivals.onRequest = (path) => {
    if (path.endsWith('/cancel')) arrivedAt ??= performance.now();
  };
  const start = performance.now();
  const answer = await cancel();
  arrivals.onRequest = () => undefined;
  return { ms: arrivedAt - start, answer };
}
