import fc from 'fast-check';
import type { Spoiling } from './answer.js';
import { jsonText, rubbish } from './json.js';

/** The same events in other bytes: whoever reads them has to find the same in them. */
export interface Reshaping {
  readonly lineEnd: '\n' | '\r\n' | '\r';
  readonly bom: boolean;
  /** Written before every event. */
  readonly before: readonly ('comment' | 'empty' | 'unknown' | 'retry' | 'nameless')[];
  /** Data over several lines. */
  readonly manyLines: boolean;
  /** How long the pieces are that the bytes come in, in turn. */
  readonly pieces: readonly number[];
}

export const reshaping: fc.Arbitrary<Reshaping> = fc.record({
  lineEnd: fc.constantFrom('\n' as const, '\r\n' as const, '\r' as const),
  bom: fc.boolean(),
  before: fc.array(
    fc.constantFrom('comment' as const, 'empty' as const, 'unknown' as const, 'retry' as const, 'nameless' as const),
    { maxLength: 3 },
  ),
  manyLines: fc.boolean(),
  pieces: fc.array(fc.oneof(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 20_000 })), {
    minLength: 1,
    maxLength: 6,
  }),
});

/** Events that nobody has documented, or that say what is not so. */
export interface FalseEvents {
  readonly frames: readonly string[];
  readonly ending: 'end' | 'error' | 'stall';
}

const eventType = fc.constantFrom(
  'interaction.created',
  'interaction.status_update',
  'interaction.completed',
  'step.start',
  'step.delta',
  'step.stop',
  'error',
  'interaction.pondered',
  '__proto__',
);

const event: fc.Arbitrary<string> = fc
  .record({
    type: fc.oneof(
      eventType.map((type) => JSON.stringify(type)),
      jsonText,
    ),
    id: fc.oneof(fc.constantFrom('"a"', '"b"', '"\\n"', '""'), jsonText),
    field: fc.constantFrom('interaction', 'status', 'delta', 'error', 'index'),
    value: jsonText,
  })
  .map(({ type, id, field, value }) => `{"event_type":${type},"event_id":${id},"${field}":${value}}`);

const frame: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: event.map((text) => `data: ${text}\n\n`) },
  { weight: 1, arbitrary: rubbish.map((text) => `data: ${text}\n\n`) },
  { weight: 1, arbitrary: rubbish.map((text) => `${text}\n\n`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ':\n\n',
      '\n\n',
      'data\n\n',
      'data:\n\n',
      'event: done\n\n',
      'id: \u0000\n\n',
      'retry: 99999999999\n\n',
    ),
  },
);

export const falseEvents: fc.Arbitrary<FalseEvents> = fc.record({
  frames: fc.array(frame, { maxLength: 8 }),
  ending: fc.constantFrom('end' as const, 'error' as const, 'stall' as const),
});

/** A stream without an end: what comes again and again, `#` being a number that is a new one each time. */
export const endlessPiece = fc.constantFrom(
  ': still here\n\n',
  '\n\n',
  'a line that never ends, ',
  'data: {"event_type":"interaction.pondered","event_id":"#"}\n\n',
  'data: {"event_type":"interaction.pondered"}\n\n',
  'data: {"event_type":"error","error":{"message":"again"},"event_id":"#"}\n\n',
  'data: {"event_type":"error","error":{"message":"again"}}\n\n',
  'data: {"event_type":"interaction.status_update","status":"in_progress","event_id":"#"}\n\n',
  'data: {"event_type":"interaction.status_update","status":"pondering #","event_id":"#"}\n\n',
  'data: {"event_type":"step.delta","delta":{"type":"image","data":"aGFsbG8=","mime_type":"image/png"},"event_id":"#"}\n\n',
  'data: {"event_type":"interaction.completed","interaction":{"id":"x","status":"in_progress"},"event_id":"#"}\n\n',
  'data: <html>\n\n',
  'data: null\n\n',
);

/** A change to a stream. */
export type StreamSpoiling =
  | { readonly kind: 'reshaped'; readonly how: Reshaping }
  | { readonly kind: 'false'; readonly events: FalseEvents }
  | { readonly kind: 'endless'; readonly piece: string; readonly perTurn: number }
  | { readonly kind: 'answer'; readonly how: Spoiling };
