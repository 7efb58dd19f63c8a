/** How each printed sentence is held against the meter. A check returns whether the sentence is true. */
const sentences = [
  [
    /^SIGINT: (.+)\. Press Ctrl\+C again to quit now\.$/,
    ([, parts], facts) => parts.split('; ').every((part) => isTrueOf(begun, part, facts)),
  ],
  [
    /^(?:images|In all|In [\d.]+ s): (.+)\.$/,
    ([, parts], facts) => parts.split(', ').every((part) => isTrueOf(counted, part, facts)),
  ],
  [
    /^may still be running: (\S+)\. Cancel it with: npx --no genai-cancel cancel \1 .* attach \1 -o \. --base-url \S+$/,
    ([, name], { ended }) => endOf(ended, name) !== 'cancelled',
  ],
  [
    /^the cancel was acknowledged, and its end is not confirmed: (\S+)\. Cancel it with: npx --no genai-cancel cancel \1 .* attach \1 -o \. --base-url \S+$/,
    ([, name], { meter }) => find(meter, name)?.cancelRequestedAt !== undefined,
  ],
  [
    /^1 finished image of (\S+) was (?:not handed over|given to code that may not have finished with it)\. Fetch it with: npx --no genai-cancel attach \1 -o \. --base-url \S+$/,
    ([, name], { ended }) => endOf(ended, name) === 'completed',
  ],
  [
    /^lost: (\d+) finished images?\. Nobody has received (?:it|them); the option `onImage` would have received (?:it|them)\.$/,
    ([, n], facts) => facts.caller === 'drop-in' && Number(n) <= unnamed(facts.ended, 'completed'),
  ],
  [
    /^perhaps lost: (\d+) finished images? (?:was|were) given to code that may not have finished with (?:it|them)\. A promise of `onImage` would have been waited for\.$/,
    ([, n], facts) => facts.caller === 'listener' && Number(n) <= unnamed(facts.ended, 'completed'),
  ],
  [
    /^(\d+) requests? cannot be cancelled and may still be running: .* lost\.(?: With the option `onImage` the process would have waited for it\.)?$/,
    ([, n], facts) => Number(n) === unnamed(facts.ended, undefined),
  ],
  [/cannot be cancelled on the server, because .*one at a time/, (_, { world }) => world === 'C'],
  [
    /^(\d+) creates? (?:has|have) no answer\. A job may be running/,
    ([, n], { ended }) => Number(n) <= countOf(ended, undefined),
  ],
  // The command.
  [/^(?:The time is up\. )?Cancelling on the server…/, (_, { world }) => world !== 'C'],
  [/^(?:The time is up\. )?Stopping here; the server cannot be told\./, (_, { world }) => world === 'C'],
  [/^Kept: (.+)$/, ([, list], { meter }) => list.split(', ').length <= countOf(meter, 'completed')],
  [/^Nothing still runs\.$/, (_, { ended }) => countOf(ended, undefined) === 0],
  [
    /^(\d+) of \d+ done, (\d+) left, \d+ s(?:, (\d+) without an image)?$/,
    ([, done, left, without = '0'], { ended, images }) =>
      Number(done) <= countOf(ended, 'completed') && Number(done) + Number(without) + Number(left) === images,
  ],
  [
    /^images? \d+: cannot be cancelled: it runs to its end on the server, and is waited for$/,
    (_, { world }) => world === 'C',
  ],
  [
    /^images? [\d, ]+: not confirmed, .*\. Stop it with: npx --no genai-cancel cancel \S+/,
    (_, { world }) => world.startsWith('B'),
  ],
  // Nothing to be held against the meter; the last are the callers of this test.
  [/^images? [\d, ]+: (?:being sent|queued|running|waiting|cancelling|done)/, () => true],
  [/^\d+ of \d+ images made in [\d.]+ s\.$|^Billing: |^\/.*\.(?:png|jpg)$|^@/, () => true],
];

/** The work in flight at the press. A server that refuses reads does not tell which jobs have ended meanwhile. */
const begun = [
  [
    /^cancelling (\d+) jobs? on the server$/,
    ([, n], { world, triggered }) => {
      const named = triggered.jobs.filter(({ name }) => name !== undefined);
      const running = named.filter(({ endedAt }) => endedAt === undefined).length;
      return world === 'A' ? Number(n) === running : Number(n) >= running && Number(n) <= named.length;
    },
  ],
  [/^(\d+) requests? cannot be cancelled$/, ([, n], { triggered }) => Number(n) === unnamed(triggered, undefined)],
  [
    /^(\d+) jobs? (?:was|were) never sent$/,
    ([, n], { triggered, images }) => Number(n) === images - triggered.jobs.length,
  ],
  [
    /^(\d+) creates? (?:has|have) no answer yet, and (?:its job is|their jobs are) cancelled when/,
    ([, n], { triggered }) => Number(n) <= triggered.jobs.length,
  ],
];

const counted = [
  [/^(\d+) cancelled \(confirmed by the server\)$/, ([, n], { ended }) => Number(n) === countOf(ended, 'cancelled')],
  [/^(\d+) completed$/, ([, n], { ended }) => Number(n) <= countOf(ended, 'completed')],
  [/^(\d+) may still be made$/, ([, n], { ended }) => Number(n) > 0 && Number(n) <= ended.jobs.length],
  [/^(\d+) not started$/, ([, n], { ended, images }) => Number(n) === images - ended.jobs.length],
];

/** Returns what is wrong with a line: that it is not true, or that nobody has said how to find out. */
export function untrue(line, facts) {
  const text = line.replace(/^(?:genai-cancel|Note): /, '');
  const isTrue = isTrueOf(sentences, text, facts);
  if (isTrue === undefined) return [`unknown sentence: ${text}`];
  return isTrue ? [] : [`not true: ${text}`];
}

/** `undefined` if none of these is meant. */
function isTrueOf(known, text, facts) {
  const [pattern, isTrue] = known.find(([one]) => one.test(text)) ?? [];
  return isTrue?.(pattern.exec(text), facts);
}

function find({ jobs }, name) {
  return jobs.find((job) => job.name === name);
}

function endOf(moment, name) {
  return find(moment, name)?.endReason;
}

function countOf({ jobs }, end) {
  return jobs.filter(({ endReason }) => endReason === end).length;
}

/** Requests without a name that had ended so; `undefined`: that had not. */
function unnamed({ jobs }, end) {
  return jobs.filter(({ name, endReason }) => name === undefined && endReason === end).length;
}
