/**
 * The last step of `npm run check:package`: what `npm pack` makes is what users get, so it is packed, looked into, installed
 * into an empty project, and used there by programs and by the compiler.
 */
import { checkDeclarations } from './check-package/declarations.mjs';
import { installConsumer } from './check-package/consumer.mjs';
import { checkImports } from './check-package/imports.mjs';
import { checkTarball, packInto } from './check-package/tarball.mjs';
import { checkRuns } from './check-package/runs.mjs';
import { checkTypes } from './check-package/types.mjs';
import { temporaryFolder } from './support/command.mjs';

const folder = temporaryFolder('package');
try {
  const tarball = packInto(folder.path);
  const consumer = installConsumer(folder.path, tarball);
  const steps = {
    'the tarball': () => checkTarball(tarball, consumer),
    'the declarations': () => checkDeclarations(consumer),
    'the imports of the runtime-free entries': () => checkImports(consumer),
    'running it': () => checkRuns(consumer),
    'compiling against it': () => checkTypes(consumer),
  };
  for (const [name, check] of Object.entries(steps)) console.log(`✓ ${name}: ${check()}`);
} catch (error) {
  console.error(`✗ ${error.message}`);
  process.exitCode = 1;
} finally {
  folder.remove();
}
