import { createParser } from 'eventsource-parser';
import { parseJson } from '../util/json.js';

/** A stream of events, as far as it is read. An event is JSON, or else the text that arrived instead. */
export interface EventStream {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: unknown }>;
    cancel(): Promise<void>;
  };
}

/** The data of the event after the last one. */
const LAST = '[DONE]';

/** Reads server-sent events. One that was cut by the end of the body does not count. */
export function readEvents(body: ReadableStream<Uint8Array>): EventStream {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const texts: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => texts.push(data) });
  const read = async () => {
    for (;;) {
      const text = texts.shift();
      if (text === LAST) return { done: true };
      if (text !== undefined) return { done: false, value: parseJson(text) ?? text };
      const { done, value } = await reader.read();
      if (done) return { done };
      parser.feed(decoder.decode(value, { stream: true }));
    }
  };
  return { getReader: () => ({ read, cancel: () => reader.cancel() }) };
}
