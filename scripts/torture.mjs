/**
 * `npm run torture -- --kills 500`: processes that make images are killed with SIGKILL at random moments, others recover
 * what they leave behind, and are killed, too. In the end the invariants of the simulation judge what the emulated server has
 * seen, what users were told, and what is left in the journal. Exit code 1 if anything is wrong. What is chosen is chosen by `--seed`.
 */
import { randomInt } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle } from './simulate/bundle.mjs';
import { flags, ROOT, temporaryFolder } from './support/command.mjs';
import { faultsOf } from './torture/faults.mjs';
import { recoverTheRest, runKills } from './torture/kills.mjs';
import { openLibrary } from './torture/library.mjs';
import { processes } from './torture/processes.mjs';

// `keep` leaves the journal and what was told, also if nothing is wrong.
// `dist`: another build of the library, since one that was broken on purpose must be found out.
const values = flags({ kills: 100, seed: randomInt(1, 1_000_000), parallel: 4, keep: false, dist: join(ROOT, 'dist') });
const { kills, parallel, seed } = values;
const startedAt = performance.now();

const file = await bundle({ name: 'torture', entry: 'scripts/torture/judge.ts' });
const { openServer, judge } = await import(pathToFileURL(file).href);
rmSync(file);

const folder = temporaryFolder('torture');
folder.isKept = values.keep;
const folders = { journal: join(folder.path, 'journal'), diaries: join(folder.path, 'diaries') };
for (const path of Object.values(folders)) mkdirSync(path);
const server = await openServer((job) => faultsOf(seed, job));
const dist = `${pathToFileURL(resolve(values.dist)).href}/`;
const given = { dist, seed, url: server.url, apart: server.apart, ...folders };
const { readJournal: look } = await openLibrary({ ...given, pid: 0 });
const stage = { seed, kills, parallel, server, given, look };

console.log(`seed ${seed}: ${kills} kills, ${parallel} processes at a time, in ${folder.path}`);
await runKills(stage);
const killed = processes.filter(({ killedAt }) => killedAt !== undefined).length;
const late = await recoverTheRest(stage);
const { wrong, counts } = judge(server, folders.diaries, await look(), processes);
wrong.push(...late);
await server.close();

const lines = { 'processes started': processes.length, 'processes killed': killed, ...counts };
for (const [what, count] of Object.entries(lines)) console.log(`${String(count).padStart(8)} ${what}`);
console.log(`${((performance.now() - startedAt) / 1_000).toFixed().padStart(8)} seconds`);
if (wrong.length === 0) {
  console.log('\nNothing is wrong.');
} else {
  folder.isKept = true;
  console.error(`\n${wrong.length} violations, with seed ${seed}, of which everything is left in the folder:`);
  for (const one of wrong) console.error(`- ${one}`);
  process.exitCode = 1;
}
