const COMPILER = 'Whatever would come through here is refused by the next check: this one is for the compiler.';
const NO_TEXT = 'Nothing can be read from a text in place of an object, and no message has this text in it.';
const CERTAIN = 'It is always there: the check is for the compiler.';
const ONLY_END = 'Whoever is stopped has ended all jobs that wait: this end comes second, and second ends are ignored.';
const OWN_SIGNAL =
  'The signal belongs to the job, or to its operation, and goes with it: a listener that stays hears nothing.';
const NEVER_COMPARED = 'It is only ever compared with another word.';
const AWAITED = 'Awaiting `undefined` only takes a turn more.';

/**
 * Why some mutants survive, and may: in a file, for one reason, each as it is printed, or its beginning; with a piece of the
 * line that it is on, where that is not enough to tell it from others in its file. Lines may move.
 */
export const explanations = [
  ...inFile(
    'src/backends/batches/batch-calls.ts',
    'Without an HTTP client there is no address either.',
    'ConditionalExpression: apiClient === undefined → false',
  ),
  ...inFile('src/backends/batches/parse-batch.ts', NO_TEXT, 'ArrayDeclaration: [] → ["Stryker was here"]'),
  ...inFile(
    'src/backends/batches/parse-vertex-batch.ts',
    COMPILER,
    "ConditionalExpression: typeof count === 'number' → true",
  ),
  ...inFile('src/backends/batches/vertex-batches-backend.ts', NO_TEXT, 'ArrayDeclaration: [] → ["Stryker was here"]'),
  ...inFile(
    'src/backends/batches/vertex-outputs.ts',
    COMPILER,
    "ConditionalExpression: typeof key === 'number' → true",
  ),
  ...inFile(
    'src/backends/batches/vertex-storage.ts',
    'A function without `return` gives `undefined`.',
    'BlockStatement: { return undefined; } → {}',
  ),
  ...inFile(
    'src/backends/batches/vertex-storage.ts',
    'Vertex names folders in Cloud Storage only; the storage refuses any other name.',
    ['StringLiteral: \'\' → "Stryker was here!"', 'exec(folder)'],
    ['ArrayDeclaration: [] → ["Stryker was here"]', 'exec(folder)'],
    'Regex: /^gs:',
  ),
  ...inFile(
    'src/backends/batches/vertex-storage.ts',
    'What lies behind the last byte is an empty line, and empty lines are passed over.',
    'EqualityOperator: start < content.length → start <= content.length',
  ),
  ...inFile('src/backends/call-failure.ts', 'Neither is a number.', [
    'StringLiteral: \'\' → "Stryker was here!"',
    'retry-after',
  ]),
  ...inFile(
    'src/backends/call-failure.ts',
    'What is read of something that is no object throws, and the message stays as it is.',
    "ConditionalExpression: isObject(body) && isObject(body['error']) → true",
    "LogicalOperator: isObject(body) && isObject(body['error'])",
  ),
  ...inFile('src/backends/call-failure.ts', COMPILER, 'ConditionalExpression: code !== undefined → true'),
  ...inFile(
    'src/backends/credentials.ts',
    'Without an HTTP client there is no address either.',
    'ConditionalExpression: apiClient === undefined → false',
  ),
  ...inFile(
    'src/backends/interactions/interaction-stream.ts',
    'Two are as many as a thousand, but for the memory that they take.',
    'ConditionalExpression: this.#images.length < 2 → true',
    'EqualityOperator: this.#images.length < 2 → this.#images.length <= 2',
  ),
  ...inFile('src/backends/interactions/interactions-backend.ts', NO_TEXT, [
    'ArrayDeclaration: [] → ["Stryker was here"]',
    'redact(',
  ]),
  ...inFile('src/backends/interactions/parse-interaction.ts', NO_TEXT, [
    'ArrayDeclaration: [] → ["Stryker was here"]',
    'value.filter(isObject)',
  ]),
  ...inFile(
    'src/backends/interactions/prepare-cancel.ts',
    'Without an HTTP client there is no address either.',
    'ConditionalExpression: apiClient === undefined → false',
  ),
  ...inFile('src/backends/models/parse-content.ts', NO_TEXT, [
    'ArrayDeclaration: [] → ["Stryker was here"]',
    'value.filter(isObject)',
  ]),
  ...inFile('src/backends/models/parse-images.ts', NO_TEXT, 'ArrayDeclaration: [] → ["Stryker was here"]'),
  ...inFile('src/backends/redact.ts', NO_TEXT, 'ArrayDeclaration: [] → ["Stryker was here"]'),
  ...inFile(
    'src/backends/sdk.ts',
    'What is no object has none of the members that are looked for either.',
    "ConditionalExpression: typeof apiClient === 'object' && apiClient !== null → true",
    "LogicalOperator: typeof apiClient === 'object' && apiClient !== null",
    "ConditionalExpression: typeof apiClient === 'object' → true",
    'ConditionalExpression: apiClient !== null → true',
  ),
  ...inFile(
    'src/backends/server.ts',
    'A function without `return` gives `undefined`.',
    'BlockStatement: { return undefined; } → {}',
  ),
  ...inFile(
    'src/backends/server.ts',
    'No address is no URL: `undefined` comes of it either way.',
    'ConditionalExpression: url === undefined → false',
  ),
  ...inFile('src/operation/announcer.ts', CERTAIN, 'OptionalChaining: job.end?.kind'),
  ...inFile('src/operation/callers.ts', CERTAIN, 'ConditionalExpression: response !== undefined → true'),
  ...inFile(
    'src/operation/callers.ts',
    'Nobody is told of a report before there is one: without a stop nobody waits for it.',
    'ConditionalExpression: report !== undefined → true',
  ),
  ...inFile(
    'src/operation/end-notes.ts',
    'Only jobs with a name have a status, and outputs to fetch.',
    'StringLiteral: \'\' → "Stryker was here!"',
    'StringLiteral: \'A job\' → ""',
  ),
  ...inFile(
    'src/operation/event-channel.ts',
    'Ended iterators are taken out of the channel: nothing is pushed to them, and the end comes once.',
    'ConditionalExpression: this.#ended → false',
  ),
  ...inFile('src/operation/event-channel.ts', CERTAIN, 'OptionalChaining: this.#signal?.reason'),
  ...inFile(
    'src/operation/fire-and-forget.ts',
    'A rejection that nobody handles: vitest fails on it, the runner of the mutants does not see it.',
    'OptionalChaining: recorder?.afterCreate',
  ),
  ...inFile(
    'src/operation/fire-and-forget.ts',
    OWN_SIGNAL,
    ['StringLiteral: \'abort\' → ""', 'giveUp'],
    ['StringLiteral: \'abort\' → ""', 'hangUp'],
    'ArrowFunction: () => job.over.removeEventListener',
    'ArrowFunction: () => hungUp.removeEventListener',
  ),
  ...inFile(
    'src/operation/fire-and-forget.ts',
    ONLY_END,
    "ObjectLiteral: { kind: 'not-started' } → {}",
    'StringLiteral: \'not-started\' → ""',
  ),
  ...inFile(
    'src/operation/fleet.ts',
    'Nobody reads what these promises resolve to.',
    'ArrayDeclaration: [] → ["Stryker was here"]',
    'ArrowFunction: ({ life }) => life → () => undefined',
  ),
  ...inFile(
    'src/operation/fleet.ts',
    OWN_SIGNAL,
    'ArrowFunction: () => over.removeEventListener',
    'StringLiteral: \'abort\' → ""',
  ),
  ...inFile(
    'src/operation/fleet.ts',
    'What is waited for has ended with its job.',
    'ConditionalExpression: over.aborted → false',
  ),
  ...inFile(
    'src/operation/fleet.ts',
    ONLY_END,
    "ObjectLiteral: { kind: 'not-started' } → {}",
    'StringLiteral: \'not-started\' → ""',
  ),
  ...inFile('src/operation/job-name.ts', NO_TEXT, 'ArrayDeclaration: [] → ["Stryker was here"]'),
  ...inFile(
    'src/operation/job.ts',
    'A function without `return` gives `undefined`.',
    'ConditionalExpression: default: return undefined;',
  ),
  ...inFile('src/operation/job.ts', CERTAIN, 'OptionalChaining: this.#lastStatus?.pending'),
  ...inFile(
    'src/operation/lost-create.ts',
    'Without a list there is nothing to call: that is caught like a list that cannot be read.',
    ['ConditionalExpression: backend.find === undefined → false', 'return []'],
  ),
  ...inFile(
    'src/operation/outcome.ts',
    CERTAIN,
    'OptionalChaining: end?.kind',
    'OptionalChaining: jobs[0]?.lastStatus',
  ),
  ...inFile('src/operation/parse-snapshot.ts', CERTAIN, 'OptionalChaining: parseJobName(jobName)?.backend'),
  ...inFile('src/operation/parse-snapshot.ts', COMPILER, "ConditionalExpression: typeof value === 'number' → true"),
  ...inFile(
    'src/operation/record-first.ts',
    ONLY_END,
    "ObjectLiteral: { kind: 'not-started' } → {}",
    'StringLiteral: \'not-started\' → ""',
    'ConditionalExpression: context.stopped.aborted → false',
  ),
  ...inFile(
    'src/operation/resume.ts',
    'The watch of a job that is over ends at once.',
    'ConditionalExpression: !job.over.aborted → true',
  ),
  ...inFile(
    'src/operation/resume.ts',
    'Whoever attaches takes a job that waited for one whose create may have been sent.',
    "ConditionalExpression: state === 'waiting' → false",
    'StringLiteral: \'waiting\' → ""',
  ),
  ...inFile(
    'src/operation/resume.ts',
    'Without a name and a list it goes the same way, further down.',
    'ConditionalExpression: !backend.cancelable → false',
    'BlockStatement: { finishUnnamed(job, state); return; }',
  ),
  ...inFile(
    'src/operation/run.ts',
    AWAITED,
    'ConditionalExpression: written !== undefined → true',
    'ConditionalExpression: gate !== undefined → true',
  ),
  ...inFile('src/operation/run.ts', 'By then there is nothing left that would hold the process.', [
    'ArrowFunction: () => this.#updateHold() → () => undefined',
    'salvaged',
  ]),
  ...inFile(
    'src/operation/run.ts',
    CERTAIN,
    'OptionalChaining: this.choice.fallBack?.',
    "StringLiteral: 'There is nothing to fall back to.'",
    'ConditionalExpression: backend === undefined → false',
  ),
  ...inFile(
    'src/operation/run.ts',
    'Nothing has changed for a job without a name.',
    'ConditionalExpression: job.id !== undefined → true',
  ),
  ...inFile('src/operation/run.ts', 'What has been concluded is not concluded again.', [
    'ConditionalExpression: report === undefined → true',
    'settledSoon',
  ]),
  ...inFile(
    'src/operation/run.ts',
    'What the server was seen to refuse outweighs what it was seen to accept.',
    'ConditionalExpression: name !== undefined → true',
    'ConditionalExpression: this.jobs.some(({ name }) => name !== undefined) → true',
  ),
  ...inFile('src/operation/submit-failure.ts', COMPILER, 'ConditionalExpression: status !== undefined → true'),
  ...inFile(
    'src/operation/submit.ts',
    'A backend without a list says so when it is asked to look, and the job ends in the same way.',
    'ConditionalExpression: backend.find !== undefined → true',
  ),
  ...inFile('src/operation/submit.ts', NEVER_COMPARED, 'StringLiteral: \'submitted\' → ""'),
  ...inFile(
    'src/operation/submit.ts',
    OWN_SIGNAL,
    'ArrowFunction: () => job.over.removeEventListener',
    'StringLiteral: \'abort\' → ""',
  ),
  ...inFile(
    'src/operation/submit.ts',
    ONLY_END,
    "ObjectLiteral: { kind: 'not-started' } → {}",
    'StringLiteral: \'not-started\' → ""',
  ),
  ...inFile(
    'src/operation/timers.ts',
    'A number has neither `ref` nor `unref`.',
    "ConditionalExpression: typeof timer === 'object' → true",
  ),
  ...inFile(
    'src/stop/late-job.ts',
    CERTAIN,
    'StringLiteral: \'\' → "Stryker was here!"',
    'StringLiteral: \'not known\' → ""',
  ),
  ...inFile(
    'src/stop/later-look.ts',
    'A function without `return` gives `undefined`.',
    'BlockStatement: { // Nothing was learnt',
  ),
  ...inFile(
    'src/stop/later-look.ts',
    CERTAIN,
    'StringLiteral: \'\' → "Stryker was here!"',
    'ConditionalExpression: id === undefined → false',
  ),
  ...inFile(
    'src/stop/signal.ts',
    'A set that is there is put where it is, and the listener is the same function: it is not added twice.',
    'ConditionalExpression: callbacks.size === 0 → true',
  ),
  ...inFile('src/stop/signal.ts', CERTAIN, 'ArrayDeclaration: [] → ["Stryker was here"]'),
  ...inFile(
    'src/stop/stop-job.ts',
    CERTAIN,
    'ConditionalExpression: id === undefined → false',
    'ConditionalExpression: id !== undefined → true',
  ),
  ...inFile('src/stop/stop-job.ts', NEVER_COMPARED, 'StringLiteral: \'refused\' → ""'),
  ...inFile(
    'src/stop/stop-job.ts',
    'Nothing is sent for a job that is over: what sends looks at that before each time.',
    'ConditionalExpression: job.end !== undefined || !backend.cancelable → false',
    'ConditionalExpression: job.end !== undefined → false',
    'LogicalOperator: job.end !== undefined || !backend.cancelable',
  ),
  ...inFile(
    'src/stop/stop-job.ts',
    'What is not taken for transient is asked again all the same, at the pace of what is in doubt.',
    'ConditionalExpression: status === 408 → false',
    'EqualityOperator: status >= 500 → status > 500',
    'EqualityOperator: status < 300 → status <= 300',
    'ConditionalExpression: status < 300 → false',
  ),
  ...inFile(
    'src/stop/stop-job.ts',
    'Whoever will have no name is over.',
    'ArrowFunction: () => false',
    'BooleanLiteral: false → true',
    'ConditionalExpression: !named || job.over.aborted → false',
    'LogicalOperator: !named || job.over.aborted',
  ),
];

function inFile(file, why, ...mutants) {
  return mutants.map((known) => {
    const [mutant, at] = [known].flat();
    return { file, why, mutant, ...(at === undefined ? {} : { at }) };
  });
}
