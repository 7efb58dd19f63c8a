import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Fault } from '../../src/testing/index.js';
import { ImageFolder } from '../../src/cli/folder.js';
import type { Scene } from '../../src/cli/view/rows.js';
import { jsonView, type View } from '../../src/cli/view/view.js';
import { saveImages, watch } from '../../src/cli/watch.js';
import { setUp, type Setting } from '../cli/run/cli.js';
import { jobOf, plant, recordOf, startBatch } from '../cli/run/records.js';
import { temporaryFolder } from '../cli/temporary-folder.js';
import { Stage } from '../cli/view/scene.js';
import { lighthouse, resolution, setup } from '../support/setup.js';

const ID = '0a1b2c01';

/** The files in a folder, with what is in each. */
const imagesIn = (folder: string): string[] =>
  readdirSync(folder)
    .sort()
    .map((file) => `${file} ${readFileSync(join(folder, file), 'base64').slice(-40)}`);

async function plantBatch({ journal, url }: Setting, name: string, indices: number[]): Promise<void> {
  const server = { vertexai: false, origin: url };
  await plant(journal, recordOf({ id: ID, backend: 'batches', server, jobs: [jobOf(name, { indices })] }));
}

const failed = (item: number): Fault => ({ kind: 'fail', item, message: 'No.' });
const refused = (item: number): Fault => ({ kind: 'refuse', item, text: 'No.' });

it.each<[string, Fault[], number[]]>([
  ['none has failed', [], [1, 2, 3, 4]],
  ['the first has failed', [failed(0)], [2, 3, 4]],
  ['one in the middle has failed', [failed(1)], [1, 3, 4]],
  ['one has failed and one was refused', [failed(0), refused(2)], [2, 4]],
  ['two have failed', [failed(0), failed(2)], [2, 4]],
])('#95 an image has one number, by whatever command it comes: %s', async (_, faults, numbers) => {
  const setting = await setUp({ workMs: 0, batchQueueMs: 0, faults });
  const indices = [0, 1, 2, 3];
  const name = await startBatch(setting, 4);
  await setting.emulator.waitFor((meter) => meter.running().length === 0);
  const found: string[][] = [];
  for (const command of ['attach NAME', 'cancel NAME', 'attach ID', 'cancel ID', 'recover', 'recover cancel']) {
    if (!command.includes('NAME')) await plantBatch(setting, name, indices);
    const out = temporaryFolder();
    const args = command.replace('NAME', name).replace('ID', ID).split(' ');
    const { stdout } = await setting.run([...args, '-o', out]);
    const folder = args[0] === 'recover' ? join(out, ID) : out;
    expect(stdout.trimEnd().split('\n')).toEqual(numbers.map((number) => join(folder, `image-${number}.jpg`)));
    found.push(imagesIn(folder));
    // A failed item leaves nothing to recover.
    await setting.run(['forget', ID]);
  }
  for (const images of found) expect(images).toEqual(found[0]);
});

it('#95 generate gives the numbers that attach and cancel give later', async () => {
  const { clock, emulator, images } = setup({ emulator: { faults: [failed(0)] } });
  const options = { backend: 'batches' } as const;
  const parameters = { ...lighthouse, config: { numberOfImages: 3 } };
  const viewOf = (scene: Scene): View => jsonView(scene, new Stage(0).outputOn());
  const found: string[][] = [];
  const commands = [() => images.start(parameters, options), () => images.attach(emulator.meter.jobs[0]?.name ?? '')];
  for (const command of commands) {
    const out = temporaryFolder();
    await resolution(clock, watch(command(), { store: new ImageFolder(out, { force: false }), viewOf }));
    found.push(imagesIn(out));
  }
  const out = temporaryFolder();
  const reported = images.cancel(emulator.meter.jobs[0]?.name ?? '');
  const [operation] = images.operations;
  if (operation !== undefined) saveImages(operation, new ImageFolder(out, { force: false }));
  await resolution(clock, reported);
  found.push(imagesIn(out));
  expect(found[0]?.map((image) => image.split(' ')[0])).toEqual(['image-2.jpg', 'image-3.jpg']);
  for (const images of found) expect(images).toEqual(found[0]);
});
