import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cleanEnvironment, ROOT, temporaryFolder } from '../support/command.mjs';
import { onServer, start as startProgram } from '../support/stage.mjs';
import { untrue } from './sentences.mjs';

export const WORLDS = {
  A: {},
  'B, 403': { whileRunning: { reads: 'forbidden', cancels: 'forbidden' } },
  'B, 404': { whileRunning: { reads: 'not-found', cancels: 'not-found' } },
  C: { background: 'refused' },
};
export const TRIGGERS = ['Ctrl+C', 'AbortSignal', 'timeout', 'process.exit()', 'SIGKILL'];
export const CALLERS = ['drop-in', 'onImage', 'listener', 'command'];

const IMAGES = 4;
const WORK_MS = 1_000;
/** The press falls so long after the library has the names of what is in the making. */
const LATER_MS = 250;
const TIMEOUT_MS = 1_700;
/** A write that a dying process does not see the end of. */
const SLOW_WRITE_MS = 2_000;
const CALLER = join(ROOT, 'test/process/fixtures/caller.mjs');
const CLI = join(ROOT, 'dist/cli.js');
const folder = temporaryFolder('worlds');
let number = 0;

/** Runs one cell. Resolves to its text in the table, and to all that is wrong with it. */
export async function runCell({ world, trigger, caller }) {
  if (caller === 'command' && ['AbortSignal', 'process.exit()'].includes(trigger)) return { text: '–', wrong: [] };
  return onServer({ workMs: WORK_MS, honoursServerTimeout: false, ...WORLDS[world] }, async (emulator, url) => {
    const stage = openStage(url);
    const facts = await play({ world, trigger, caller }, emulator, stage);
    await emulator.waitFor((meter) => meter.running().length === 0);
    await fetchAll(facts.said, stage);
    if (trigger === 'SIGKILL') await recover(caller, stage);
    return judge({ world, trigger, caller, images: IMAGES }, emulator.meter, facts, stage);
  });
}

/** The folders of one cell, and the environment of its processes. */
function openStage(url) {
  const path = join(folder.path, String(++number));
  const paths = Object.fromEntries(['hand', 'fetched', 'journal', 'state'].map((name) => [name, join(path, name)]));
  for (const one of Object.values(paths)) mkdirSync(one, { recursive: true });
  const env = { NO_COLOR: '1', CI: '1', GEMINI_API_KEY: 'k', EMULATOR_URL: url, XDG_STATE_HOME: paths.state };
  return { url, ...paths, env: cleanEnvironment(env) };
}

/** Starts the caller, ends it, and resolves to what it said and what the server knew at these moments. */
async function play({ world, trigger, caller }, emulator, stage) {
  const { child, ended } = start({ world, trigger, caller }, stage);
  const look = () => emulator.meter.jobs.map((job) => ({ ...job, endedAt: job.endedAt, endReason: job.endReason }));
  await atTheMoment({ world, trigger, caller }, emulator);
  const triggered = { at: Date.now(), jobs: look() };
  if (trigger === 'Ctrl+C') child.stdin.write('\u0003');
  if (trigger === 'AbortSignal' || trigger === 'process.exit()') child.kill('SIGUSR2');
  if (trigger === 'SIGKILL') child.kill('SIGKILL');
  const { text } = await ended;
  const said = whole(text).split('\n').filter(Boolean);
  return { triggered, ended: { at: Date.now(), jobs: look() }, said };
}

/** Resolves when one image is made and another one is in the making. All of the command's are in the making at once. */
async function atTheMoment({ world, trigger, caller }, emulator) {
  if (trigger === 'timeout') {
    await emulator.waitFor(({ jobs }) => jobs.length > 0);
    return delay(timeoutOf({ world, caller }));
  }
  const isAllAtOnce = caller === 'command' && world !== 'C';
  await emulator.waitFor(({ jobs, requests }) => {
    const running = jobs.filter(({ endedAt }) => endedAt === undefined);
    const isWatched = ({ name }) =>
      name === undefined || requests.some(({ route, job }) => route === 'stream' && job === name);
    if (!running.every(isWatched)) return false;
    return isAllAtOnce ? jobs.length === IMAGES : running.length > 0 && jobs.length > running.length;
  });
  await delay(LATER_MS);
}

function timeoutOf({ world, caller }) {
  return caller === 'command' && world !== 'C' ? WORK_MS / 2 : TIMEOUT_MS;
}

function start({ world, trigger, caller }, { env, url, hand, journal }) {
  const timeoutMs = trigger === 'timeout' ? timeoutOf({ world, caller }) : undefined;
  const flags = timeoutMs === undefined ? [] : ['--timeout', String(timeoutMs / 1_000)];
  const writeMs = caller === 'listener' ? SLOW_WRITE_MS : 50;
  const told = { caller, ending: trigger, count: IMAGES, folder: hand, timeoutMs, writeMs };
  const command =
    caller === 'command'
      ? [CLI, 'generate', 'a lighthouse', '-n', String(IMAGES), '-o', hand, '--base-url', url, ...flags]
      : [CALLER, JSON.stringify({ ...told, ...(trigger === 'SIGKILL' ? { journal } : {}) })];
  // One image after the other, as where the server cannot cancel: so it is known how far each cell is.
  return run(command, { ...env, CLIENT_OPTIONS: '{"maxConcurrency":1}' }, trigger === 'Ctrl+C');
}

/** Starts a script of Node, in a terminal of its own if it shall get a Ctrl+C. */
function run(command, env, inTerminal = false) {
  const quoted = [process.execPath, ...command].map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
  if (!inTerminal) return startProgram(process.execPath, command, { env });
  // So wide that no sentence is broken.
  const line = `stty cols 2000; exec ${quoted}`;
  return startProgram('script', ['-qfec', line, '/dev/null'], { env: { ...env, SHELL: '/bin/sh' } });
}

/** Puts the sentences together again whose commands stand on lines of their own in a terminal. */
function whole(text) {
  const lines = text.replaceAll('^C', '').replaceAll('\r', '');
  return lines.replaceAll(/:\n(?=npx --no )/g, ': ').replaceAll(/\n(?=or fetch what it makes with:)/g, ' ');
}

/** Runs each command that was printed, and for a report that of each leftover. */
async function fetchAll(said, stage) {
  const commands = said.flatMap((line) => {
    const command = /npx --no genai-cancel (attach .*)$/.exec(line)?.[1];
    if (command !== undefined) return [command.split(' ')];
    const report = /^@report (.*)$/.exec(line)?.[1];
    const names = report === undefined ? [] : JSON.parse(report).leftovers.filter(Boolean);
    return names.map((name) => ['attach', name, '-o', '.', '--base-url', stage.url]);
  });
  for (const [index, words] of commands.entries()) {
    const place = join(stage.fetched, String(index));
    const args = words.map((word) => (word === '.' || word === 'FOLDER' ? place : word));
    await run([CLI, ...args], stage.env).ended;
  }
}

async function recover(caller, { env, url, fetched, journal }) {
  const told = { caller: caller === 'onImage' ? caller : 'drop-in', ending: 'recover()', folder: fetched, journal };
  const command =
    caller === 'command' ? [CLI, 'recover', '-o', fetched, '--base-url', url] : [CALLER, JSON.stringify(told)];
  await run(command, { ...env, CLIENT_OPTIONS: '{}' }).ended;
}

function judge(cell, meter, { triggered, ended, said }, { hand, fetched }) {
  const paid = meter.jobs.filter(({ endReason }) => endReason === 'completed');
  const [inHand, later] = [tagsIn(hand), tagsIn(fetched)];
  const isLost = (job) => !inHand.has(tagOf(job)) && !later.has(tagOf(job));
  const lost = paid.filter(isLost).length;
  const after = paid.filter(({ endedAt }) => endedAt > triggered.at).length;
  const wrong = said.flatMap((line) => untrue(line, { ...cell, meter, triggered, ended }));
  const { most, isSaid } = allowance(cell, said);
  if (lost > most) wrong.push(`${lost} images are lost`);
  else if (lost > 0 && !isSaid(lost)) wrong.push(`${lost} images are lost, and nobody said so`);
  if (wrong.length > 0) wrong.push(...said.map((line) => `  said: ${line}`));
  const held = paid.filter((job) => inHand.has(tagOf(job))).length;
  const parts = [`${after} after`, `${held} in hand`];
  if (paid.length > held + lost) parts.push(`${paid.length - held - lost} fetched`);
  if (lost > 0) parts.push(`${lost} lost${cell.trigger === 'SIGKILL' ? '' : ', said'}`);
  return { text: parts.join(', '), wrong };
}

/** The losses that nothing can prevent, and whether they were told where the process had a chance. */
function allowance({ world, trigger, caller }, said) {
  const none = { most: 0, isSaid: () => false };
  if (world !== 'C') return none;
  const numbers = said.flatMap(
    (line) => /(?:lost: )?(\d+) (?:finished image|request)s?.*/.exec(line.includes('lost') ? line : '')?.[1] ?? [],
  );
  const isSaid = (lost) => numbers.reduce((sum, one) => sum + Number(one), 0) >= lost;
  if (trigger === 'SIGKILL') return { most: IMAGES, isSaid: () => true };
  const isDeath = trigger === 'Ctrl+C' || trigger === 'process.exit()';
  if (isDeath && (caller === 'drop-in' || caller === 'listener')) return { most: 2, isSaid };
  if (trigger === 'process.exit()' && caller === 'onImage') return { most: 1, isSaid };
  const isWarned = said.some((line) => line.includes('lost on Ctrl+C without `onImage`, and on abort or timeout'));
  if (!isDeath && caller === 'drop-in') return { most: 1, isSaid: () => isWarned };
  return none;
}

/** The name that the emulator writes into a picture. */
const tagOf = ({ name, kind, index }) => name ?? `${kind}/${index}`;

function tagsIn(path) {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const texts = files.map(({ name, parentPath }) => readFileSync(join(parentPath, name), 'latin1'));
  return new Set(texts.flatMap((text) => /emulator\0(\S+) \d+;/.exec(text)?.[1] ?? []));
}
