import { createParser } from 'eventsource-parser';
import { parseJson } from '../util/json.js';

/** A source of events, which are JSON or else the text that arrived instead. */
export interface EventReader {
  read(): Promise<{ readonly done: boolean; readonly value?: unknown }>;
  cancel(): Promise<void>;
}

/** The data of the event after the last one. */
const LAST = '[DONE]';

/** Reads server-sent events. One that was cut by the end of the body does not count. */
export function readEvents(body: ReadableStream<Uint8Array>): EventReader {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const texts: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => texts.push(data) });
  return {
    async read() {
      for (;;) {
        const text = texts.shift();
        if (text === LAST) return { done: true };
        if (text !== undefined) return { done: false, value: parseJson(text) ?? text };
        const { done, value } = await reader.read();
        if (done) return { done };
        parser.feed(decoder.decode(value, { stream: true }));
      }
    },
    cancel: () => reader.cancel(),
  };
}
