import { expect, test } from 'vitest';
import { FailureReader } from '../../src/google/failures.js';
import type { JobPhase } from '../../src/google/port.js';
import type { GenAIClient } from '../../src/google/sdk.js';

const KEY = `AIza${'HostileSecret0'.repeat(3)}`;
const LONG_PROMPT = 'a lighthouse in the most secret fog';

function statusWith(prompt: string, phase: JobPhase, status: string): string {
  const client = { apiKey: KEY } as unknown as GenAIClient;
  return new FailureReader(client, [prompt]).clean({ id: 'a', phase, status }).status;
}

test.each([
  ['cancelled', 'cancelled', 'cancelled'],
  ['BATCH_STATE_SUCCEEDED', 'succeeded', 'BATCH_STATE_SUCCEEDED'],
  ['pondering', 'unknown', 'pondering'],
] as const)('the prompt %j does not change the status of the same name', (prompt, phase, status) => {
  expect(statusWith(prompt, phase, status)).toBe(status);
});

test('an undocumented status loses the prompt and the key that it quotes, before it is cut', () => {
  const quoted = `${'x'.repeat(85)} ${LONG_PROMPT} ${KEY}`;
  expect(statusWith(LONG_PROMPT, 'unknown', quoted)).toBe(`${'x'.repeat(85)} [prompt] [secr…`);
});
