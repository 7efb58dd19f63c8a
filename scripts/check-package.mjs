/**
 * The last step of `npm run check:package`: what `npm pack` makes is what users get, so it is packed, looked into, installed
 * into an empty project, and used there by programs and by the compiler.
 */
import { checkDeclarations, checkImports, checkRuns } from './check-package/installed.mjs';
import { installConsumer } from './check-package/consumer.mjs';
import { checkTarball, packInto } from './check-package/tarball.mjs';
import { checkTypes } from './check-package/types.mjs';
import { attempt, temporaryFolder } from './support/command.mjs';

const folder = temporaryFolder('package');
const tarball = packInto(folder.path);
const consumer = installConsumer(folder.path, tarball);
attempt('the tarball', () => checkTarball(tarball, consumer));
attempt('the declarations', () => checkDeclarations(consumer));
attempt('the imports of the runtime-free entries', () => checkImports(consumer));
attempt('running it', () => checkRuns(consumer));
attempt('compiling against it', () => checkTypes(consumer));
