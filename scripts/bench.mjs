/**
 * `npm run bench`: how long a cancel takes to the server, and what the library costs, beside others. Server, network and each
 * side are processes of their own, and the sides take turns. It ends with the promises, each passed or missed.
 * `--only far,near,crowd,cost,poll,journal,size,stores` and `--rounds N` make it shorter; `--write` writes docs/performance.md.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crowds, farCancels, nearCancels, wallTimes } from '../bench/far.mjs';
import { journalled, polling, sizes } from '../bench/here.mjs';
import { openJournals, submitWith } from '../bench/journals.mjs';
import { openStage } from '../bench/peer.mjs';
import { judge, judgementOf, plot, printable, replacePart, Results, tableOf } from '../bench/report.mjs';
import { ROOT, flags, npmInstall, output, temporaryFolder } from './support/command.mjs';

const values = flags({
  only: 'far,near,crowd,cost,poll,journal,size,stores',
  rounds: 30,
  silence: 10,
  folder: '',
  write: false,
});
const OTHERS = { replicate: 'replicate', '@fal-ai/client': '@fal-ai/client', 'AI SDK': 'ai' };
const SIDES = ['SDK by hand', 'bare fetch', 'ours', 'ours, warmFetch()'];
const BY_HAND = 'SDK by hand, warmFetch()';
const ALL = [...SIDES, BY_HAND, ...Object.keys(OTHERS)];
const distances = [40, 150];
const results = new Results();
const { note } = results;
const { rounds } = values;
const isWanted = (section) => values.only.split(',').includes(section);

/** The clients of others are no dependencies of ours. */
function installOthers() {
  if (values.folder !== '') return values.folder;
  const { path } = temporaryFolder('bench-clients');
  writeFileSync(join(path, 'package.json'), '{}');
  npmInstall(path, [...Object.values(OTHERS), '@ai-sdk/google']);
  return path;
}

const stage = await openStage(distances);
const folder = isWanted('far') ? installOthers() : '';
const common = { rounds, folder };
const run = {
  near: () => nearCancels(stage, note, { ...common, sides: SIDES }),
  far: () =>
    farCancels(stage, note, {
      ...common,
      sides: ALL,
      distances,
      counts: [1, 8, 50],
      silenceMs: values.silence * 1_000,
      rounds: Math.ceil(rounds / 3),
    }),
  cost: () => wallTimes(stage, note, common),
  poll: () => polling(note, common),
  journal: () => journalled(note, common),
  size: () => sizes(note, common),
  // Slow, and steady by themselves.
  crowd: () =>
    crowds(stage, note, {
      rounds: Math.ceil(rounds / 10),
      counts: [1, 100, 1000, 3000],
      sides: ['SDK by hand', 'ours'],
    }),
  stores: async () => {
    const { journals, missing } = await openJournals();
    for (const { name, journal, close } of journals) {
      await submitWith({ name, journal }, 100, note);
      await close?.();
    }
    if (missing.length > 0)
      console.log(`Left out: ${missing.join(' and ')}. To have them: bash scripts/with-stores.sh npm run bench`);
  },
};
for (const [section, measure] of Object.entries(run)) {
  if (!isWanted(section)) continue;
  console.error(`${new Date().toTimeString().slice(0, 8)} ${section}`);
  // The figures until then count.
  await measure().catch((error) => console.error(`${section} was cut short: ${error.message}`));
}
stage.end();

const orderOf = ({ distance = 0, count = 0, side }) => distance * 1e6 + count * 100 + ALL.indexOf(side);
const rows = results.rows().sort((a, b) => (a.section === b.section ? orderOf(a) - orderOf(b) : 0));
const lines = judge(rows);
console.log(
  `Node ${process.versions.node}, medians of ${rounds} rounds\n\n${printable(tableOf(rows))}\n\n${printable(judgementOf(lines))}`,
);
if (values.write) {
  const page = join(ROOT, 'docs/performance.md');
  const facts = { node: process.versions.node, platform: `${process.platform} ${process.arch}`, rounds };
  writeFileSync(
    join(ROOT, 'docs/performance.json'),
    `${JSON.stringify({ ...facts, rows, promises: lines }, undefined, 1)}\n`,
  );
  replacePart(page, 'promises', judgementOf(lines));
  replacePart(page, 'results', tableOf(rows));
  for (const distance of distances) {
    const some = rows.filter((row) => row.distance === distance);
    writeFileSync(
      join(ROOT, `docs/performance-${distance}.svg`),
      plot(`Trigger to server, ${distance} ms away, after ${values.silence} s of silence`, some),
    );
  }
  writeFileSync(
    join(ROOT, 'docs/performance-near.svg'),
    plot(
      'Trigger to server on one machine',
      rows.filter(({ section }) => section === 'near'),
    ),
  );
  output('npx', ['prettier', '--write', 'docs/performance.md', 'docs/performance.json'], { cwd: ROOT });
}
