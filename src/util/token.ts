/** 32 hexadecimal digits that nothing else has. `crypto.randomUUID` exists in secure contexts only. */
export function createToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Makes a name without the prompt, because everybody with access to the project can read it in Google's console. */
export function createDisplayName(): string {
  return `genai-cancel-${createToken()}`;
}
