/**
 * Installs examples/worker-fleet with the library as it is packed from this checkout, and runs its proof, which needs a Redis:
 * bash scripts/with-stores.sh node scripts/check-worker-fleet.mjs
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packInto } from './check-package/tarball.mjs';
import { ROOT, cleanEnvironment, output, temporaryFolder } from './support/command.mjs';

async function check(redisUrl) {
  const folder = temporaryFolder('fleet');
  try {
    const cwd = install(folder.path);
    const env = cleanEnvironment({ REDIS_URL: redisUrl });
    const child = spawn(process.execPath, ['proof.mjs'], { cwd, env, stdio: 'inherit' });
    const [code, signal] = await once(child, 'close');
    if (code !== 0) throw new Error(`proof.mjs ended with ${code ?? signal}`);
  } finally {
    folder.remove();
  }
}

function install(folder) {
  const path = join(folder, 'worker-fleet');
  const isSource = (source) => !/node_modules|\/out$|package-lock\.json$/.test(source.slice(ROOT.length));
  cpSync(join(ROOT, 'examples/worker-fleet'), path, { recursive: true, filter: isSource });
  const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules/@google/genai/package.json'), 'utf8'));
  const tarball = packInto(folder);
  const args = ['install', '--prefer-offline', '--ignore-scripts', tarball.path, `@google/genai@${version}`];
  output('npm', args, { cwd: path, env: cleanEnvironment({ npm_config_audit: 'false', npm_config_fund: 'false' }) });
  return path;
}

const redisUrl = process.env.GENAI_CANCEL_TEST_REDIS_URL;
if (redisUrl === undefined) {
  console.log('The worker fleet was left out: it needs a Redis, named by GENAI_CANCEL_TEST_REDIS_URL.');
} else {
  await check(redisUrl).then(
    () => console.log('✓ examples/worker-fleet'),
    (error) => {
      console.error(`✗ ${error.message}`);
      process.exitCode = 1;
    },
  );
}
