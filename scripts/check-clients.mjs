/**
 * `npm run check:clients`: clients of other people parse every answer of the emulator over HTTP, on its defaults. Prints
 * client × call × parsed, and then what the meter says of an abort in each. A call that fails makes the exit code 1, and so
 * does an abort that docs/testing.md tells otherwise.
 */
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installedVersion } from './check-package/consumer.mjs';
import { environmentWith, runtimeBinary } from './test-matrix/runtime-binary.mjs';
import { ROOT, attempt, cleanEnvironment, output, table, temporaryFolder } from './support/command.mjs';

const TIMEOUT_MS = 180_000;
const HERE = Number(process.versions.node.split('.')[0]);
/** A client is its first package. Its calls are in `script`, and run on Node 24 unless it supports this one, too. */
const CLIENTS = [
  { script: 'genai.mjs', packages: ['@google/genai@^2'], major: HERE },
  { script: 'genai.mjs', packages: ['@google/genai@^3'] },
  { script: 'ai.mjs', packages: ['@ai-sdk/google@latest', 'ai@latest'] },
  { script: 'ai.mjs', packages: ['@ai-sdk/google-vertex@latest', 'ai@latest'] },
  { script: 'genkit.mjs', packages: ['@genkit-ai/google-genai@latest', 'genkit@latest'] },
  { script: 'langchain.mjs', packages: ['@langchain/google-genai@latest', '@langchain/core@latest'] },
];

const folder = temporaryFolder('clients');
const rows = [];
for (const client of CLIENTS) attempt(client.packages.join(' '), () => check(client));
const aborts = rows
  .filter(({ meter }) => meter !== undefined)
  .map((row) => ({ ...row, call: row.call.replace(/, aborted$/, '') }));
const parsed = rows.map((row) => [row.client, row.version, row.call, row.parsed ? 'yes' : 'NO']);
const metered = aborts.map(({ client, version, call, meter }) => [client, version, call, meter]);
console.log(`\n${table([['client', 'version', 'call', 'parsed'], ...parsed])}`);
console.log(`\n${table([['client', 'version', 'aborted call', 'its job'], ...metered])}\n`);
const documented = readFileSync(join(ROOT, 'docs/testing.md'), 'utf8').replaceAll(/ +/g, ' ');
for (const row of new Set(aborts.map(documentedRow))) {
  if (documented.includes(row)) continue;
  console.error(`✗ docs/testing.md lacks: ${row}`);
  process.exitCode = 1;
}

/** The row of docs/testing.md with all calls of a client whose abort ends alike. */
function documentedRow({ client, version, meter }) {
  const alike = aborts.filter((row) => row.client === client && row.version === version && row.meter === meter);
  return `| \`${client}\` | ${alike.map(({ call }) => `\`${call}\``).join(', ')} | ${meter} |`;
}

/** Installs a client into a folder of its own, and runs its calls there. */
function check({ script, packages, major = 24 }) {
  const cwd = join(folder.path, packages[0].replaceAll(/\W/g, '-'));
  mkdirSync(cwd);
  const node = runtimeBinary({ runtime: 'Node', major }, join(folder.path, `node-${major}`));
  const env = environmentWith(node, { npm_config_audit: 'false', npm_config_fund: 'false' });
  output('npm', ['install', '--prefer-offline', '--ignore-scripts', '--prefix', cwd, ...packages], { cwd, env });
  for (const file of [script, 'run.mjs']) cpSync(join(ROOT, 'scripts/check-clients', file), join(cwd, file));
  const names = packages.map((spec) => spec.slice(0, spec.lastIndexOf('@')));
  const emulator = pathToFileURL(join(ROOT, 'dist/testing/node.js')).href;
  const given = cleanEnvironment({ ...env, EMULATOR: emulator });
  const results = JSON.parse(
    output(node, [script, names[0]], { cwd, env: given, timeout: TIMEOUT_MS }).split('\n').at(-2),
  );
  const [version, ...others] = names.map((name) => installedVersion(name, cwd));
  const versions = [version, ...others.map((one, index) => `${names[index + 1]} ${one}`)].join(', ');
  rows.push(...results.map((result) => ({ client: names[0], version: versions, ...result })));
  const failed = results.filter(({ parsed }) => !parsed);
  if (failed.length === 0) return `${results.length} calls on Node ${major}`;
  throw new Error(failed.map(({ call, error }) => `${call}: ${error}`).join('\n'));
}
