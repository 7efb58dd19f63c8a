/** A reporter of vitest that says at the end which tests were left out, and why. */
export default class LeftOutReporter {
  onTestRunEnd(modules) {
    const tests = modules.flatMap((module) => [...module.children.allTests('skipped')]);
    const reasons = countBy(tests, (test) => test.meta().leftOut ?? `no reason is given (${test.fullName})`);
    if (reasons.size === 0) return;
    console.log('Left out:');
    for (const [reason, count] of reasons) console.log(`  ${count} test${count === 1 ? '' : 's'}: ${reason}`);
    console.log();
  }
}

function countBy(items, keyOf) {
  const counts = new Map();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}
