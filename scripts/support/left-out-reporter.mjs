import { groupBy } from './command.mjs';

/** A reporter of vitest that says at the end which tests were left out, and why. `elsewhere` names those in no project. */
export default class LeftOutReporter {
  #elsewhere;
  #vitest;

  constructor({ elsewhere }) {
    this.#elsewhere = elsewhere;
  }

  onInit(vitest) {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules) {
    const tests = modules.flatMap((module) => [...module.children.allTests('skipped')]);
    const lines = isWhole(this.#vitest) ? [this.#elsewhere] : [];
    for (const [reason, { length }] of groupBy(tests.flatMap(reasonOf), String)) lines.push(`${length} × ${reason}`);
    if (lines.length > 0) console.log(['Left out:', ...lines].join('\n  ') + '\n');
  }
}

function isWhole({ filenamePattern = [], config: { project, testNamePattern } }) {
  return filenamePattern.length === 0 && project.length === 0 && testNamePattern === undefined;
}

/** Gives the reason of a test; none where a filter by name left it out. */
function reasonOf(test) {
  const { leftOut } = test.meta();
  if (leftOut !== undefined) return [leftOut];
  return test.project.config.testNamePattern === undefined ? [`no reason is given: ${test.fullName}`] : [];
}
