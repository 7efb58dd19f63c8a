/**
 * `npm run torture -- --kills 500`: processes that make images are killed with SIGKILL at random moments, others recover
 * what they leave behind, and are killed, too. In the end the emulated server's meter, what users were told, the images and
 * the journal are held against each other. Exit code 1 if anything is wrong. What is chosen is chosen by `--seed`.
 */
import { randomInt } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ROOT, temporaryFolder } from './support/command.mjs';
import { readDiaries, readOutput } from './torture/diaries.mjs';
import { runKills } from './torture/kills.mjs';
import { recoverTheRest } from './torture/rest.mjs';
import { summary } from './torture/summary.mjs';
import { openServer } from './torture/server.mjs';
import { judge } from './torture/verdict.mjs';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(randomInt(1, 1_000_000)) },
    parallel: { type: 'string', default: '4' },
    // Leaves the journal, the images and what was told, also if nothing is wrong.
    keep: { type: 'boolean', default: false },
    // Another build of the library: one that was broken on purpose must be found out.
    dist: { type: 'string', default: join(ROOT, 'dist') },
  },
});
const [kills, parallel] = [Number(values.kills), Number(values.parallel)];
const { seed } = values;
const startedAt = performance.now();

const dist = `${pathToFileURL(resolve(values.dist)).href}/`;
const { createEmulator } = await import(`${dist}testing/node.js`);
const { readJournal } = await import(`${dist}node.js`);
const { fileJournal } = await import(`${dist}file-journal.js`);

const folder = temporaryFolder('torture');
const folders = { journal: '', output: '', diaries: '' };
for (const name of Object.keys(folders)) {
  folders[name] = join(folder.path, name);
  mkdirSync(folders[name]);
}
const server = await openServer(createEmulator, seed);
const stage = { seed, server, folders, given: { dist, url: server.url, seed, ...folders } };
const look = () => readJournal(fileJournal({ folder: folders.journal }));

console.log(`seed ${seed}: ${kills} kills, ${parallel} processes at a time`);
const battle = await runKills({ ...stage, kills, parallel, look });
const rest = await recoverTheRest({ ...stage, look, processes: battle.processes });

const journal = await look();
const told = readDiaries(folders.diaries);
const files = readOutput(folders.output);
const { wrong, counts } = await judge({ server, told, files, journal, processes: battle.processes });
wrong.push(...rest.wrong);
console.log(
  summary({ battle, told, files, journal, server, counts, seconds: (performance.now() - startedAt) / 1_000 }),
);
await server.close();

if (wrong.length === 0) {
  console.log('\nNothing is wrong.');
  if (values.keep) console.log(`What was left is in ${folder.path}`);
  else folder.remove();
} else {
  console.error(`\n${wrong.length} violations, with seed ${seed} (what was left is in ${folder.path}):`);
  for (const one of wrong) console.error(`- ${one}`);
  process.exitCode = 1;
}
