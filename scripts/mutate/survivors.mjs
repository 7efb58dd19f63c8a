const COMPILER = 'Whatever would come through here is refused by the next check: this one is for the compiler.';
const NO_TEXT = 'Nothing can be read from a text in place of an object, and no message has this text in it.';

/**
 * Why some mutants survive, and may. `mutant` is how it is printed, or its beginning; `at`, where that is not enough to tell it
 * from others in its file, a piece of the line that it is on. Lines may move.
 */
export const explanations = [
  {
    file: 'src/backends/batches/batch-calls.ts',
    mutant: 'ConditionalExpression: apiClient === undefined → false',
    why: 'Without an HTTP client there is no address either.',
  },
  {
    file: 'src/backends/credentials.ts',
    mutant: 'ConditionalExpression: apiClient === undefined → false',
    why: 'Without an HTTP client there is no address either.',
  },
  {
    file: 'src/backends/interactions/prepare-cancel.ts',
    mutant: 'ConditionalExpression: apiClient === undefined → false',
    why: 'Without an HTTP client there is no address either.',
  },
  {
    file: 'src/backends/batches/parse-batch.ts',
    mutant: 'ArrayDeclaration: [] → ["Stryker was here"]',
    why: NO_TEXT,
  },
  {
    file: 'src/backends/batches/parse-vertex-batch.ts',
    mutant: "ConditionalExpression: typeof count === 'number' → true",
    why: COMPILER,
  },
  {
    file: 'src/backends/batches/vertex-batches-backend.ts',
    mutant: 'ArrayDeclaration: [] → ["Stryker was here"]',
    why: NO_TEXT,
  },
  {
    file: 'src/backends/batches/vertex-outputs.ts',
    mutant: "ConditionalExpression: typeof key === 'number' → true",
    why: COMPILER,
  },
  {
    file: 'src/backends/batches/vertex-storage.ts',
    mutant: 'StringLiteral: \'\' → "Stryker was here!"',
    at: 'exec(folder)',
    why: 'Vertex names folders in Cloud Storage only; the storage refuses any other name.',
  },
  {
    file: 'src/backends/batches/vertex-storage.ts',
    mutant: 'ArrayDeclaration: [] → ["Stryker was here"]',
    at: 'exec(folder)',
    why: 'Vertex names folders in Cloud Storage only; the storage refuses any other name.',
  },
  {
    file: 'src/backends/batches/vertex-storage.ts',
    mutant: 'Regex: /^gs:',
    why: 'Vertex names folders in Cloud Storage only; the storage refuses any other name.',
  },
  {
    file: 'src/backends/batches/vertex-storage.ts',
    mutant: 'EqualityOperator: start < content.length → start <= content.length',
    why: 'What lies behind the last byte is an empty line, and empty lines are passed over.',
  },
  {
    file: 'src/backends/batches/vertex-storage.ts',
    mutant: 'BlockStatement: { return undefined; } → {}',
    why: 'A function without `return` gives `undefined`.',
  },
  {
    file: 'src/backends/server.ts',
    mutant: 'BlockStatement: { return undefined; } → {}',
    why: 'A function without `return` gives `undefined`.',
  },
  {
    file: 'src/backends/call-failure.ts',
    mutant: 'ConditionalExpression: code !== undefined → true',
    why: COMPILER,
  },
  {
    file: 'src/backends/call-failure.ts',
    mutant: 'StringLiteral: \'\' → "Stryker was here!"',
    at: 'retry-after',
    why: 'Neither is a number.',
  },
  {
    file: 'src/backends/call-failure.ts',
    mutant: "ConditionalExpression: isObject(body) && isObject(body['error']) → true",
    why: 'What is read of something that is no object throws, and the message stays as it is.',
  },
  {
    file: 'src/backends/call-failure.ts',
    mutant: "LogicalOperator: isObject(body) && isObject(body['error'])",
    why: 'What is read of something that is no object throws, and the message stays as it is.',
  },
  {
    file: 'src/backends/interactions/interaction-stream.ts',
    mutant: 'ConditionalExpression: this.#images.length < 2 → true',
    why: 'Two are as many as a thousand, but for the memory that they take.',
  },
  {
    file: 'src/backends/interactions/interaction-stream.ts',
    mutant: 'EqualityOperator: this.#images.length < 2 → this.#images.length <= 2',
    why: 'Two are as many as a thousand, but for the memory that they take.',
  },
  {
    file: 'src/backends/interactions/interactions-backend.ts',
    mutant: 'ArrayDeclaration: [] → ["Stryker was here"]',
    at: 'redact(',
    why: NO_TEXT,
  },
  {
    file: 'src/backends/interactions/parse-interaction.ts',
    mutant: 'ArrayDeclaration: [] → ["Stryker was here"]',
    at: 'value.filter(isObject)',
    why: NO_TEXT,
  },
  {
    file: 'src/backends/models/parse-content.ts',
    mutant: 'ArrayDeclaration: [] → ["Stryker was here"]',
    at: 'value.filter(isObject)',
    why: NO_TEXT,
  },
  {
    file: 'src/backends/models/parse-images.ts',
    mutant: 'ArrayDeclaration: [] → ["Stryker was here"]',
    why: NO_TEXT,
  },
  {
    file: 'src/backends/redact.ts',
    mutant: 'ArrayDeclaration: [] → ["Stryker was here"]',
    why: NO_TEXT,
  },
];
