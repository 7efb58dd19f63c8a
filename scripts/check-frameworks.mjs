/**
 * `npm run check:frameworks`: tools that people build and test with take the package from its tarball, and build and run a program
 * with it against an emulator of its own. Its trigger has to cancel the job on the meter. The tools come from npm's registry, as
 * new as they are. `--only vite` takes one of them.
 */
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installedVersion, newProject, own } from './check-package/consumer.mjs';
import { packInto } from './check-package/tarball.mjs';
import { ROOT, cleanEnvironment, flags, output, table, temporaryFolder } from './support/command.mjs';
import { onServer, start } from './support/stage.mjs';

const FIXTURES = fileURLToPath(new URL('check-frameworks/', import.meta.url));
const TIMEOUT_MS = 600_000;

const ROLLUP =
  'rollup image.mjs -d dist -p node-resolve={exportConditions:["node"]} -p commonjs -p json --entryFileNames';
const TSC = 'tsc --strict --skipLibCheck --target es2022 --outDir dist';
const NODE10 = `${TSC} --module commonjs --moduleResolution node10`;
const JEST = `node_modules/jest/bin/jest.js --testTimeout ${TIMEOUT_MS} --testMatch`;
const VITE = 'vite build --ssr image.mjs';

/** A tool, what it needs besides, and each way to use it: what builds the program, and the program that is built. */
const TOOLS = [
  {
    name: 'next',
    packages: ['react', 'react-dom'],
    examples: { 'recipes/next-route.mjs': 'app/recipe/route.js' },
    ways: [
      { way: 'Turbopack', build: 'next build', run: serve('image') },
      { way: 'Turbopack, the recipe', run: serve('recipe') },
      { way: 'webpack', build: 'next build --webpack', run: serve('image') },
    ],
  },
  {
    name: 'webpack',
    packages: ['webpack-cli'],
    ways: [{ way: '--target node', build: 'webpack --target node --entry ./image.mjs --mode production' }],
  },
  {
    name: 'vite',
    ways: [
      { way: 'SSR', build: VITE, program: 'dist/image.mjs' },
      { way: 'SSR, noExternal', build: `${VITE} --config bundled.config.mjs`, program: 'dist/image.mjs' },
    ],
  },
  {
    name: 'esbuild',
    ways: [{ way: 'CommonJS', build: 'esbuild image.mjs --bundle --platform=node --outfile=dist/main.js' }],
  },
  {
    name: 'rollup',
    packages: ['node-resolve', 'commonjs', 'json'].map((plugin) => `@rollup/plugin-${plugin}`),
    ways: [
      { way: 'ES modules', build: `${ROLLUP} [name].mjs`, program: 'dist/image.mjs' },
      { way: 'CommonJS', build: `${ROLLUP} [name].cjs -f cjs`, program: 'dist/image.cjs' },
    ],
  },
  {
    name: 'jest',
    packages: ['ts-jest', own('typescript'), own('@types/node')],
    as: { 'image.test.mjs': 'image.test.ts' },
    ways: [
      { way: 'CommonJS', build: `${NODE10} image.test.ts`, run: jest('**/dist/*.test.js') },
      { way: 'ESM', run: jest('**/*.test.mjs --transform {}', '--experimental-vm-modules') },
      { way: 'ts-jest', run: jest('**/*.test.ts --preset ts-jest') },
    ],
  },
  {
    name: 'typescript',
    version: installedVersion('typescript'),
    packages: [own('@types/node')],
    as: { 'image.mjs': 'image.cts', 'image.cts': 'image.ts' },
    ways: [
      { way: 'CommonJS', build: `${TSC} --module nodenext image.cts`, program: 'dist/image.cjs' },
      { way: 'node10', build: `${NODE10} image.ts`, program: 'dist/image.js' },
    ],
  },
];

const { only } = flags({ only: undefined });
const folder = temporaryFolder('frameworks');
const tarball = packInto(folder.path);
const rows = [];
for (const tool of TOOLS.filter(({ name }) => only === undefined || only === name)) await check(tool);
console.log(`\n${table([['tool', 'version', 'built', 'run'], ...rows])}`);

/** Installs a tool and the package into an application, and tries out each way to use it there. */
async function check({ name, version = 'latest', packages = [], as = {}, examples = {}, ways }) {
  const sdk = own('@google/genai');
  const cwd = newProject(join(folder.path, name), [tarball.path, sdk, `${name}@${version}`, ...packages]);
  cpSync(join(FIXTURES, 'image.mjs'), join(cwd, 'image.mjs'));
  if (existsSync(join(FIXTURES, name))) cpSync(join(FIXTURES, name), cwd, { recursive: true });
  for (const [from, to] of Object.entries(as)) cpSync(join(cwd, from), join(cwd, to));
  for (const [from, to] of Object.entries(examples)) cpSync(join(ROOT, 'examples', from), join(cwd, to));
  for (const { way, build, program = 'dist/main.js', run = interrupt(program) } of ways) {
    const row = [`${name}, ${way}`, installedVersion(name, cwd), 'NO', 'NO'];
    rows.push(row);
    try {
      if (build !== undefined)
        output('npx', ['--no-install', ...build.split(' ')], { cwd, env: environment(), timeout: TIMEOUT_MS });
      row[2] = build === undefined ? '-' : 'yes';
      row[3] = await onServer({ workMs: TIMEOUT_MS }, (emulator, url) => runAgainst(emulator, url, cwd, run));
    } catch (error) {
      console.error(`✗ ${row[0]}: ${error.message}`);
      process.exitCode = 1;
    }
  }
}

function environment(more = {}) {
  return cleanEnvironment({ NEXT_TELEMETRY_DISABLED: '1', JOURNAL: join(folder.path, 'journal'), ...more });
}

/** Runs the program of a way, and gives what the meter says of its job. */
async function runAgainst(emulator, url, cwd, run) {
  const env = environment({ EMULATOR_URL: url, GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: 'any' });
  await run((args, more) => start(process.execPath, args, { cwd, env: { ...env, ...more } }), emulator);
  const ends = emulator.meter.jobs.map(({ endReason }) => endReason ?? 'still running');
  if (ends.join() !== 'cancelled') throw new Error(`The jobs on the meter: ${ends.join() || 'none'}.`);
  return 'cancelled';
}

/** A program that waits for its image gets a Ctrl+C, and dies of it. */
function interrupt(program) {
  return async (node, emulator) => {
    const running = node([program]);
    await Promise.race([inFlight(emulator), failed(running)]);
    running.child.kill('SIGINT');
    const { signal, code, text } = await running.ended;
    if (signal !== 'SIGINT') throw new Error(`It ended with ${signal ?? code}: ${text}`);
  };
}

/** The test aborts its own operation. */
function jest(args, NODE_OPTIONS = '') {
  return async (node) => {
    const { code, text } = await node(`${JEST} ${args}`.split(' '), { NODE_OPTIONS }).ended;
    if (code !== 0) throw new Error(text);
  };
}

/** A client of the built server leaves before it has its image. */
function serve(path) {
  return async (node, emulator) => {
    const server = node(['node_modules/next/dist/bin/next', 'start', '--port', '0']);
    const [address] = await server.said(/http:\S+:\d+/);
    const client = new AbortController();
    const body = JSON.stringify({ model: 'gemini-3.1-flash-image', prompt: 'a lighthouse in fog' });
    const left = fetch(`${address}/${path}`, { method: 'POST', body, signal: client.signal }).catch(() => undefined);
    await Promise.race([inFlight(emulator), failed(server)]);
    client.abort();
    await Promise.all([left, emulator.waitFor((meter) => meter.running().length === 0)]);
    server.child.kill('SIGTERM');
    await server.ended;
  };
}

/** Rejects when a program ends, with all that it said. */
async function failed({ ended }) {
  const { signal, code, text } = await ended;
  throw new Error(`It ended with ${signal ?? code}: ${text}`);
}

/** Resolves when the client watches its job, and so knows the name. */
function inFlight(emulator) {
  const isWatched = ({ route, answeredAt }) => route === 'stream' && answeredAt !== undefined;
  return emulator.waitFor(({ requests }) => requests.some(isWatched));
}
