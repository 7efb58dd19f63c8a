// The proof: a fleet of real processes against an emulated server, whose meter says what was made, and what became of it.
// REDIS_URL=redis://127.0.0.1:6379 node proof.mjs
import { Fleet } from './proof/fleet.mjs';
import { scenes } from './proof/scenes.mjs';

const fleet = await Fleet.start();
const startedAt = performance.now();
let failed = false;
try {
  for (const [name, play] of Object.entries(scenes)) {
    console.log(name);
    for (const [what, isSo] of await play(fleet)) {
      failed ||= !isSo;
      console.log(`  ${isSo ? '✓' : '✗'} ${what}`);
    }
  }
} catch (error) {
  failed = true;
  console.error(error);
} finally {
  if (failed) console.error(fleet.log());
  await fleet.stop();
}
console.log(`${failed ? 'FAILED' : 'all of it seen'}, in ${Math.round((performance.now() - startedAt) / 1000)} s`);
process.exitCode = failed ? 1 : 0;
