import { BODY, ONCE, openStage, PARAMETERS } from './stage.mjs';
import { timed, versus } from './versus.mjs';

/** The whole way of one image that costs no GPU time: what remains is the SDK, the emulator, and what we add. */
export function oneImage(rounds) {
  const { ai, images, emulator } = openStage({ workMs: 0 });
  const withReset = async (work) => {
    const ms = await timed(work);
    emulator.reset();
    return ms;
  };
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
