import fc from 'fast-check';
import { ECHO } from '../secrets.js';

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const nestedObjects = (depth: number): string => `${'{"a":'.repeat(depth)}0${'}'.repeat(depth)}`;

/** Values that programs have stumbled over. As text: most of them do not survive `JSON.stringify`. */
const stumblingBlocks = [
  ...['null', 'true', 'false', '0', '-0', '1', '-1', '0.5', '1e400', '-1e400', '1e-400', '9007199254740993', '1e15'],
  ...[
    '""',
    '" "',
    '"0"',
    '"-1"',
    '"1e9"',
    '"9007199254740991"',
    '"NaN"',
    '"null"',
    '"\\u0000"',
    '"\\ud800"',
    '"\\u001b[2J"',
  ],
  ...[
    '[]',
    '[null]',
    '[[]]',
    '[[[]]]',
    '[7]',
    '[""]',
    '[{}]',
    '{}',
    '{"a":null}',
    '{"length":1e9}',
    '{"0":1,"length":1}',
  ],
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"prototype":{"polluted":true}}',
  // Nothing can be made of these: not a text, not a number.
  '{"toString":null,"valueOf":null}',
  '{"toString":7,"valueOf":{}}',
  '{"toJSON":7,"then":7,"length":-1}',
  ...['"__proto__"', '"constructor"', '"prototype"', '"hasOwnProperty"', '"toString"'],
  ...[
    '"../../../etc/passwd"',
    '"..\\\\..\\\\x"',
    '"/etc/passwd"',
    '"a/../../b"',
    '"a\\u0000.png"',
    '"image/../../x"',
    '"con"',
  ],
  ...['"cancelled"', '"completed"', '"failed"', '"queued"', '"pondering"', '"requires_action"', '"incomplete"'],
  ...[
    '"JOB_STATE_CANCELLED"',
    '"BATCH_STATE_SUCCEEDED"',
    '"JOB_STATE_SUCCEEDED"',
    '"BATCH_STATE_CANCELLED"',
    '"IMAGE"',
  ],
  JSON.stringify(ECHO),
  JSON.stringify({ message: ECHO }),
  JSON.stringify([{ message: `${'x'.repeat(490)}${ECHO}` }]),
  JSON.stringify(`${'y'.repeat(470)}${ECHO}`),
  JSON.stringify('z'.repeat(100_000)),
  `[${'0,'.repeat(20_000)}0]`,
  `[${'{},'.repeat(5_000)}{}]`,
] as const;

/** Names that a field may be given: those of the language, and those that answers have. */
export const fieldName = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'toJSON', 'then', 'length', 'valueOf', ''),
  fc.constantFrom(
    'id',
    'name',
    'status',
    'state',
    'error',
    'steps',
    'content',
    'data',
    'uri',
    'usage',
    'errors',
    'code',
  ),
  fc.string({ maxLength: 8 }),
);

/** The text of any JSON value. */
export const jsonText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...stumblingBlocks) },
  { weight: 1, arbitrary: fc.constantFrom(nested(20_000), nested(50), nestedObjects(5_000)) },
  { weight: 1, arbitrary: fc.json({ maxDepth: 4 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fieldName, fc.constantFrom(...stumblingBlocks))
      .map(([name, value]) => `{${JSON.stringify(name)}:${value}}`),
  },
);

/** Texts in the place of JSON. */
export const rubbish: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    'null',
    '{',
    '[',
    '"',
    '}{',
    'undefined',
    'NaN',
    '<!doctype html><html><body>Bad gateway</body></html>',
    '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
    'upstream connect error or disconnect/reset before headers',
    ")]}'\n{}",
    '{"error":{"code":500,"message":"in a 200","status":"INTERNAL"}}',
    '[{"error":{"code":429,"message":"in a list","status":"RESOURCE_EXHAUSTED"}}]',
    ECHO,
  ),
  jsonText,
  fc.string({ unit: 'binary', maxLength: 60 }),
);
