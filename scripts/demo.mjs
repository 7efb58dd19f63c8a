/**
 * `npm run demo`: compares an abort of the plain SDK with a cancel by genai-cancel. It needs no key and no network: a real
 * HTTP server in this process emulates Google's endpoints, and its meter counts the GPU time of every job.
 */
import { finishFour, abortPlainSdk, interruptChild, interruptUncancelable, seconds } from './demo/cases.mjs';
import { table } from './support/command.mjs';

console.log(`Four cases, four images each. An image takes an emulated GPU 4 seconds, so a case costs 16 GPU seconds.
Nothing is sent to Google: the server is genai-cancel's own emulator.`);

const plain = await abortPlainSdk();
const interrupted = await interruptChild();
const finished = await finishFour();
const uncancelable = await interruptUncancelable();

const HEAD = ['case', 'GPU s done when stopped', 'GPU s burnt after it', '% of the rest burnt', 'GPU s saved'];
const lines = [HEAD, ...[plain, interrupted, finished, uncancelable].map(cells)];
console.log(`\n${table(lines, { right: [1, 2, 3, 4] })}\n`);

const problems = [
  plain.burntShare < 0.99 && 'the plain abort did not burn all of the remaining work',
  interrupted.burntShare > 0.1 && 'the cancelled run burnt more than a tenth of the remaining work',
  (interrupted.code !== null || interrupted.signal !== 'SIGINT') && 'the interrupted program did not die by SIGINT',
  uncancelable.paid > 2 && 'more than one image too many was made where the server cannot cancel',
  uncancelable.received !== uncancelable.paid && 'an image that was paid for was not handed over',
  finished.files.length !== 4 && 'not all four images were written',
].filter(Boolean);
for (const problem of problems) console.error(`Not as it should be: ${problem}.`);
console.log('All of this ran against an emulator: it does not show how Google treats your model.');
process.exitCode = problems.length === 0 ? 0 : 1;

function cells({ name, doneMs, burntMs, burntShare, savedMs }) {
  if (burntMs === undefined) return [name, `${seconds(doneMs)} (all)`, '-', '-', '-'];
  return [name, seconds(doneMs), seconds(burntMs), `${Math.round(burntShare * 100)} %`, seconds(savedMs)];
}
