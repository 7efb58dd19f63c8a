import { spawnSync } from 'node:child_process';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { GoogleGenAI } from '@google/genai';
import { fileJournal } from '../dist/file-journal.js';
import { cancelable, memoryJournal } from '../dist/node.js';
import { createEmulator, createVirtualClock } from '../dist/testing/node.js';
import { ROOT, temporaryFolder } from '../scripts/support/command.mjs';

const PARAMETERS = { model: 'gemini-3.1-flash-image', prompt: 'a lighthouse in fog' };

function openClient(options, ours) {
  const emulator = createEmulator({ queueMs: 0, ...options });
  return {
    emulator,
    images: cancelable(new GoogleGenAI({ apiKey: 'k', httpOptions: { fetch: emulator.fetch } }), ours),
  };
}

/** How late an image of 20 s is seen where no stream can be had, after one earlier job, and by how many reads. In virtual time. */
export async function polling(note, { rounds }) {
  const workMs = 20_000;
  for (let round = 0; round < rounds; round++) {
    const clock = createVirtualClock();
    const faults = [{ kind: 'status', route: 'stream', status: 404 }];
    const { emulator, images } = openClient({ clock, workMs, faults }, { clock, logger: { warn: () => undefined } });
    for (const isMeasured of [false, true]) {
      const from = emulator.meter.requestsTo('get').length;
      let end;
      const [start, result] = [clock.now(), images.generateImages(PARAMETERS).then(() => (end = clock.now()))];
      await clock.advanceUntil(() => end !== undefined);
      await result;
      if (!isMeasured) continue;
      const reads = emulator.meter.requestsTo('get').length - from;
      note({ section: 'poll', what: 'image of 20 s, seen late by', side: 'ours' }, end - start - workMs);
      note({ section: 'poll', what: 'reads of it', side: 'ours', unit: '' }, reads);
    }
  }
}

const RECORD = JSON.stringify({ ...PARAMETERS, jobs: [{ name: 'interactions/'.padEnd(80, 'x') }] }).padEnd(800);

/**
 * Measures how many operations a second a journal can record, 100 at a time, and how long that blocks the event loop. For each
 * operation the journal adds a record, writes the name of the job, and removes the record.
 */
export async function journalled(note, { rounds }) {
  const sides = {
    'memory journal': memoryJournal(),
    'file journal': fileJournal({ folder: temporaryFolder('bench').path }),
  };
  let made = 0;
  for (let round = -1; round < rounds; round++) {
    for (const [side, journal] of Object.entries(sides)) {
      const delay = monitorEventLoopDelay({ resolution: 1 });
      const from = performance.now();
      let left = 500;
      delay.enable();
      const lane = async () => {
        while (left-- > 0) {
          const claim = await journal.add(`bench-${made++}`, RECORD);
          await journal.write(claim, `${RECORD} `);
          await journal.remove(claim);
        }
      };
      await Promise.all(Array.from({ length: 100 }, lane));
      delay.disable();
      const perSecond = 500_000 / (performance.now() - from);
      if (round < 0) continue;
      note({ section: 'journal', what: 'records a second, 100 at a time', side, unit: '/s' }, perSecond);
      note({ section: 'journal', what: 'longest block of the event loop', side }, delay.max / 1e6);
    }
  }
}

/** Gzipped size of what a browser loads, and time to import the library beside that of the SDK. */
export async function sizes(note, { rounds }) {
  const contents = "export { cancelable } from './dist/index.js';";
  const options = {
    stdin: { contents, resolveDir: ROOT },
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    logLevel: 'error',
  };
  const { outputFiles } = await build({ ...options, external: ['@google/genai'], platform: 'browser' });
  note(
    { section: 'size', what: '{ cancelable }, gzip', side: 'ours', unit: 'kB' },
    gzipSync(outputFiles[0].contents).length / 1000,
  );
  const script = `const a = performance.now(); await import('@google/genai'); const b = performance.now();
    await import('./dist/node.js'); console.log(JSON.stringify([b - a, performance.now() - b]));`;
  for (let round = 0; round < rounds; round++) {
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    const [sdk, ours] = JSON.parse(stdout);
    note({ section: 'size', what: 'import', side: 'SDK by hand' }, sdk);
    note({ section: 'size', what: 'import', side: 'ours' }, ours);
  }
}
