import type { Simulation } from '../world/simulation.js';
import { checkCreates } from './creates.js';
import { checkForgotten } from './forgotten.js';
import { checkImages } from './images.js';
import { checkResidue } from './residue.js';
import { checkSettled } from './settling.js';
import { checkSilence } from './silence.js';

/** Everything that has to be so when all is over. Throws the first violation. */
export function checkAtTheEnd(simulation: Simulation): void {
  checkSettled(simulation);
  checkForgotten(simulation);
  checkImages(simulation);
  checkCreates(simulation);
  checkSilence(simulation);
  checkResidue(simulation);
  const [violation] = simulation.violations;
  if (violation !== undefined) throw violation;
}
