/** 32 hexadecimal digits that nothing else has. `crypto.randomUUID` exists in secure contexts only. */
export function createToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Not the prompt, and nothing else of the caller's: it stands in the console of whoever may see the project. */
export function createDisplayName(): string {
  return `genai-cancel-${createToken()}`;
}
