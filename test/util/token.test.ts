import { expect, it } from 'vitest';
import { createDisplayName, createToken } from '../../src/util/token.js';

it('tokens are 32 hexadecimal digits, and differ', () => {
  const tokens = Array.from({ length: 1_000 }, createToken);
  for (const token of tokens) expect(token).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set(tokens).size).toBe(1_000);
});

it('display names say where they come from', () => {
  expect(createDisplayName()).toMatch(/^genai-cancel-[0-9a-f]{32}$/);
});
