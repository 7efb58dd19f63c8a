import type { Simulation } from '../world/simulation.js';
import { checkConcurrency } from './concurrency.js';
import { checkCreates } from './creates.js';
import { checkDuplicates } from './duplicates.js';
import { checkForgotten } from './forgotten.js';
import { checkImages } from './images.js';
import { checkResidue } from './residue.js';
import { checkSettled } from './settling.js';
import { checkSilence } from './silence.js';
import { checkWatching } from './watching.js';

/** Everything that has to be so when all is over. Throws the first violation. */
export function checkAtTheEnd(simulation: Simulation): void {
  checkSettled(simulation);
  checkForgotten(simulation);
  checkImages(simulation);
  checkCreates(simulation);
  checkConcurrency(simulation);
  checkDuplicates(simulation);
  checkWatching(simulation);
  checkSilence(simulation);
  checkResidue(simulation);
  const [violation] = simulation.violations;
  if (violation !== undefined) throw violation;
}
