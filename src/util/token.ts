/** 32 hexadecimal digits that nothing else has. */
export function createToken(): string {
  // The fastest way, which exists in secure contexts only.
  const uuid = (crypto as { randomUUID?: () => string }).randomUUID?.();
  if (uuid !== undefined) return uuid.replaceAll('-', '');
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Makes a name without the prompt, because everybody with access to the project can read it in Google's console. */
export function createDisplayName(): string {
  return `genai-cancel-${createToken()}`;
}
