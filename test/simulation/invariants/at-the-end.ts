import type { Simulation } from '../world/simulation.js';
import { checkCapabilities } from './capabilities.js';
import { checkConcurrency } from './concurrency.js';
import { checkCreates } from './creates.js';
import { checkDuplicates } from './duplicates.js';
import { checkForgotten } from './forgotten.js';
import { checkHandedOver } from './handed-over.js';
import { checkImages } from './images.js';
import { checkNames } from './named.js';
import { checkOnImage } from './on-image.js';
import { checkRequests } from './requests.js';
import { checkResidue } from './residue.js';
import { checkSettled } from './settling.js';
import { checkSilence } from './silence.js';
import { checkWatching } from './watching.js';

/** The model that most operations use. */
const MODEL = 'gemini-3.1-flash-image';

/** Everything that has to be so when all is over. Throws the first violation. */
export function checkAtTheEnd(simulation: Simulation): void {
  checkSettled(simulation);
  checkForgotten(simulation);
  for (const process of simulation.processes) if (process.isAlive) checkNames(simulation, process);
  checkHandedOver(simulation);
  checkImages(simulation);
  checkOnImage(simulation);
  checkCreates(simulation);
  checkCapabilities(simulation, MODEL);
  checkConcurrency(simulation);
  checkDuplicates(simulation);
  checkRequests(simulation);
  checkWatching(simulation);
  checkSilence(simulation);
  checkResidue(simulation);
  const [violation] = simulation.violations;
  if (violation !== undefined) throw violation;
}
