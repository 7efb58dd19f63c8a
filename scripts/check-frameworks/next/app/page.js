import { GoogleGenAI } from '@google/genai';
import { cancelable } from 'genai-cancel';
import { createElement } from 'react';

/** A server component: it is run once by `next build`. */
export default function Page() {
  const images = cancelable(new GoogleGenAI({ apiKey: 'any' }));
  return createElement('p', null, `${images.operations.length} operations`);
}
