import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * Forgets of an earlier run which mutants survived that take effect when a file is loaded: Stryker does not know what tests
 * reach them, and so does not see that one has been added.
 */
export function forgetDoubtful(file) {
  if (!existsSync(file)) return;
  const report = JSON.parse(readFileSync(file, 'utf8'));
  for (const source of Object.values(report.files)) {
    source.mutants = source.mutants.filter((mutant) => !mutant.static || mutant.status === 'Killed');
  }
  writeFileSync(file, JSON.stringify(report));
}
