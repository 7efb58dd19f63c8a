/** Makes the error that Node has for a lost connection: code `ECONNRESET`. */
export function resetError(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', errno: -104, syscall: 'read' });
}
