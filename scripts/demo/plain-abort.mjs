import { GoogleGenAI } from '@google/genai';
import { gpuIdle, IMAGES, onStage, PROMPT, quarterDone, seconds, stoppedRow } from './stage.mjs';

/** Case 1: the SDK by itself, aborted by an AbortSignal when a quarter of the work is done. */
export function abortPlainSdk() {
  return onStage(
    '1. The plain SDK: ai.models.generateImages() with an AbortSignal',
    async ({ emulator, meter, url }) => {
      const ai = new GoogleGenAI({ vertexai: true, apiKey: 'demo', httpOptions: { baseUrl: url } });
      const controller = new AbortController();
      const config = { numberOfImages: IMAGES, abortSignal: controller.signal };
      const call = withoutWarnings(() =>
        ai.models.generateImages({ model: 'imagen-4.0-generate-001', prompt: PROMPT, config }),
      );
      let ended = false;
      const outcome = call
        .finally(() => (ended = true))
        .then(
          () => 'it resolved all the same',
          (error) => `${error.name}: ${error.message}`,
        );

      await quarterDone(meter, () => ended);
      const stoppedAtMs = meter.gpuMs();
      controller.abort();
      console.log(`A quarter is done (${seconds(stoppedAtMs)} GPU seconds): abort().`);
      console.log(`The call rejected at once: ${await outcome}`);
      console.log('The program believes that it has stopped. The GPU works on; waiting until it is idle …');
      await gpuIdle(emulator);

      const row = stoppedRow('plain SDK, aborted', stoppedAtMs, meter);
      console.log(`It did ${seconds(row.burntMs)} more GPU seconds, for images that nobody received.`);
      console.log(`The SDK says so itself, of abortSignal in @google/genai's types:
  "AbortSignal is a client-only operation. Using it to cancel an operation will not cancel the request in
   the service. You will still be charged usage for any applicable operations."`);
      return row;
    },
  );
}

/** The SDK warns that generateImages will go away: true, and not what this is about. */
function withoutWarnings(call) {
  const { warn } = console;
  console.warn = () => undefined;
  try {
    return call();
  } finally {
    console.warn = warn;
  }
}
