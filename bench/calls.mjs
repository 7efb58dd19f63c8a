import { BODY, ONCE, openStage, PARAMETERS, timed, versus } from './stage.mjs';

/** The whole way of one image that costs no GPU time: what remains is the SDK, the emulator, and what we add. */
export function oneImage(rounds) {
  const { ai, images, emulator } = openStage({ workMs: 0 });
  const withReset = (work) => timed(work).finally(() => emulator.reset());
  return versus('one image: generateImages() / create and stream', rounds, {
    plain: () => withReset(() => createAndStream(ai)),
    ours: () => withReset(() => images.generateImages(PARAMETERS)),
  });
}

async function createAndStream(ai) {
  const { id } = await ai.interactions.create(BODY, ONCE);
  let image;
  for await (const event of await ai.interactions.get(id, { stream: true }, ONCE)) {
    if (event.event_type === 'step.delta' && event.delta.type === 'image') image = event.delta;
    if (event.event_type === 'interaction.completed') break;
  }
  if (image === undefined) throw new Error('The stream had no image.');
  return image;
}

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
