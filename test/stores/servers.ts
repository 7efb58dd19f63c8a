import { randomBytes } from 'node:crypto';
import { describe } from 'vitest';
import type { Journal } from '../../src/api/journal.js';
import { leftOut } from '../support/runtime.js';

const VARIABLES = { Redis: 'GENAI_CANCEL_TEST_REDIS_URL', PostgreSQL: 'GENAI_CANCEL_TEST_POSTGRES_URL' };

/** Tests that need a server: without one they are skipped, in words that nobody takes for a pass. */
export function describeWith(server: keyof typeof VARIABLES, title: string, tests: (url: string) => void): void {
  const variable = VARIABLES[server];
  const url = process.env[variable] ?? '';
  if (url === '') {
    const reason = `There is no ${variable}; see scripts/with-stores.sh.`;
    describe(`LEFT OUT, there is no ${variable}: ${title}`, leftOut(reason), () => tests(url));
    return;
  }
  describe(title, () => tests(url));
}

/** A name for keys and tables that no other test has. */
export function uniqueName(): string {
  return `test_${randomBytes(8).toString('hex')}`;
}

const claim = { id: 'id', fence: 1 };

/** Every method, called. */
export function callAll(journal: Journal): Promise<PromiseSettledResult<unknown>[]> {
  return Promise.allSettled([
    journal.add('id', 'text'),
    journal.write(claim, 'text'),
    journal.renew(claim),
    journal.release(claim),
    journal.remove(claim),
    journal.list(),
    journal.claim({ ...claim, text: 'text', isOrphan: true, renewedAt: 0 }),
  ]);
}
