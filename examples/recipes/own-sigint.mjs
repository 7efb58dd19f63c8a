// A command with a SIGINT listener of its own: the library cancels, and leaves the end of the process to the command.
import { GoogleGenAI } from '@google/genai';
import { cancelable, saveImage } from 'genai-cancel';

const images = cancelable(new GoogleGenAI({ apiKey: process.env.GEMINI_API_KEY }));
const [prompt = 'a lighthouse in fog', folder = '.'] = process.argv.slice(2);

// Once: further presses are left to the library.
process.once('SIGINT', () => console.log('Stopping. Finished images are kept.'));

try {
  await images.generateImages(
    { model: 'gemini-3.1-flash-image', prompt, config: { numberOfImages: 2 } },
    { onImage: async (image, index) => console.log(await saveImage(image, `${folder}/image-${index}.jpg`)) },
  );
} catch (error) {
  if (error.name !== 'AbortError') throw error;
  const { outcome, counts, leftovers } = error.report;
  console.log(`${outcome}: ${counts.made} made, ${counts.cancelled} cancelled`);
  for (const { howToCancel } of leftovers) console.log(howToCancel);
  // The process dies as Ctrl+C kills a program, so that a loop of the shell ends too.
  process.kill(process.pid, 'SIGINT');
}
