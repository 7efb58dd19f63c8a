/**
 * Installs examples/worker-fleet with the library as it is packed from this checkout, and runs its proof, which needs a Redis:
 * bash scripts/with-stores.sh node scripts/check-worker-fleet.mjs
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { installedVersion } from './check-package/consumer.mjs';
import { packInto } from './check-package/tarball.mjs';
import { ROOT, attempt, cleanEnvironment, inherit, npmInstall, temporaryFolder } from './support/command.mjs';

const redisUrl = process.env.GENAI_CANCEL_TEST_REDIS_URL;
if (redisUrl === undefined) {
  console.log('The worker fleet was left out: it needs a Redis, named by GENAI_CANCEL_TEST_REDIS_URL.');
} else {
  attempt('examples/worker-fleet', () => prove(install(temporaryFolder('fleet').path)));
}

function prove(cwd) {
  const env = cleanEnvironment({ REDIS_URL: redisUrl });
  const end = inherit([process.execPath, 'proof.mjs'], { cwd, env });
  if (end !== 0) throw new Error(`proof.mjs ended with ${end}`);
  return 'proven';
}

function install(folder) {
  const path = join(folder, 'worker-fleet');
  const isSource = (source) => !/node_modules|\/out$|package-lock\.json$/.test(source.slice(ROOT.length));
  cpSync(join(ROOT, 'examples/worker-fleet'), path, { recursive: true, filter: isSource });
  npmInstall(path, [packInto(folder).path, `@google/genai@${installedVersion('@google/genai')}`]);
  return path;
}
