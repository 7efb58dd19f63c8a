import { GoogleGenAI } from '@google/genai';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cancelable } from '../../dist/node.js';
import { IMAGES, MODEL, onStage, PROMPT, seconds } from './stage.mjs';

const FOLDER = fileURLToPath(new URL('../../out/demo/', import.meta.url));

/** Case 3: nobody cancels. Writes each image to a file as soon as it is finished. */
export function finishFour() {
  return onStage('3. Through genai-cancel to the end', async ({ meter, url }) => {
    const images = cancelable(new GoogleGenAI({ apiKey: 'demo', httpOptions: { baseUrl: url } }));
    const operation = images.start({
      model: MODEL,
      prompt: PROMPT,
      config: { numberOfImages: IMAGES, aspectRatio: '16:9' },
    });
    mkdirSync(FOLDER, { recursive: true });
    const files = [];
    operation.on('image', ({ index, image }) => {
      const file = join(FOLDER, `image-${index + 1}.${image.mimeType.split('/')[1]}`);
      writeFileSync(file, Buffer.from(image.imageBytes, 'base64'));
      files.push(file);
      console.log(`written: ${relative(process.cwd(), file)}`);
    });
    await operation.result();
    const doneMs = meter.gpuMs();
    console.log(`${files.length} images for ${seconds(doneMs)} GPU seconds.`);
    return { name: 'genai-cancel, to the end', doneMs, files };
  });
}
