import { GoogleGenAI } from '@google/genai';
import { gpuIdle, IMAGES, MODEL, onStage, PROMPT, quarterDone, seconds, stoppedRow } from './stage.mjs';

/** Case 1: the SDK by itself. An AbortSignal aborts when a quarter of the work is done. */
export function abortPlainSdk() {
  return onStage(
    '1. The plain SDK: ai.models.generateContent() with an AbortSignal',
    async ({ emulator, meter, url }) => {
      const ai = new GoogleGenAI({ apiKey: 'demo', httpOptions: { baseUrl: url } });
      const controller = new AbortController();
      let ended = false;
      const outcome = makeImages(ai, controller.signal)
        .finally(() => (ended = true))
        .then(
          () => 'it resolved all the same',
          (error) => `${error.name}: ${error.message}`,
        );

      await quarterDone(meter, () => ended);
      const stoppedAtMs = meter.gpuMs();
      controller.abort();
      console.log(`A quarter is done (${seconds(stoppedAtMs)} GPU seconds): abort().`);
      console.log(`The calls rejected at once: ${await outcome}`);
      console.log('The program believes that the work has stopped. The GPU works on; waiting until it is idle …');
      await gpuIdle(emulator);

      const row = stoppedRow('plain SDK, aborted', stoppedAtMs, meter);
      console.log(`The GPU did ${seconds(row.burntMs)} more seconds, for images that nobody received.`);
      console.log(`The SDK says so itself, of abortSignal in @google/genai's types:
  "AbortSignal is a client-only operation. Using it to cancel an operation will not cancel the request in
   the service. You will still be charged usage for any applicable operations."`);
      return row;
    },
  );
}

/** One request makes one image. */
function makeImages(ai, abortSignal) {
  const request = { model: MODEL, contents: PROMPT, config: { responseModalities: ['IMAGE'], abortSignal } };
  return Promise.all(Array.from({ length: IMAGES }, () => ai.models.generateContent(request)));
}
