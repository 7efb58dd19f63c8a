/** Returns the command that cancels a job known by its name. */
export function howToCancel(name: string): string {
  return `npx genai-cancel cancel ${name}`;
}
