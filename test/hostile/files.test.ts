import fc from 'fast-check';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ImageFolder } from '../../src/cli/folder.js';
import { Output } from '../../src/cli/output.js';
import { jsonView, textViewOf } from '../../src/cli/view/view.js';
import { watch } from '../../src/cli/watch.js';
import { arena } from './arena.js';
import { jsonText } from './arbitraries/json.js';
import { watchTheRealm } from './pollution.js';
import { PROPERTY_TIMEOUT_MS, runs } from './property.js';
import { secretsIn, PROMPT } from './secrets.js';
import { spoil } from './spoil.js';

const FILE = /^image-\d+(-\d+)?\.(png|jpg|webp|gif|avif|heic|img)$/;

/** Types that would lead out of the folder, or to a file that is there, if they were put into a name. */
const mimeType = fc.oneof(
  fc.constantFrom(
    'image/png',
    'image/../../out',
    '../../out',
    '/etc/passwd',
    'image/svg+xml',
    'IMAGE/PNG',
    'image/png; x=/../y',
  ),
  fc.constantFrom(
    'constructor',
    '__proto__',
    'toString',
    'hasOwnProperty',
    'valueOf',
    '',
    '\u0000',
    'image/\u0000png',
    '..',
    '.',
  ),
  fc.string(),
);

/** Runs with a folder in a folder; what is outside of the inner one must be as it was. */
function inFolder<T>(use: (inside: string) => T): T {
  const outside = mkdtempSync(join(tmpdir(), 'genai-cancel-hostile-'));
  const inside = join(outside, 'a', 'inside');
  mkdirSync(inside, { recursive: true });
  writeFileSync(join(outside, 'sentinel'), 'as it was');
  const check = (): void => {
    expect(readdirSync(outside).sort()).toEqual(['a', 'sentinel']);
    expect(readdirSync(join(outside, 'a'))).toEqual(['inside']);
    expect(readFileSync(join(outside, 'sentinel'), 'utf8')).toBe('as it was');
    for (const file of readdirSync(inside)) expect(file).toMatch(FILE);
  };
  const end = (): void => rmSync(outside, { recursive: true, force: true });
  try {
    const result = use(inside);
    if (!(result instanceof Promise)) {
      check();
      end();
      return result;
    }
    return result.then(check).finally(end) as T;
  } catch (error) {
    end();
    throw error;
  }
}

describe('files', () => {
  watchTheRealm();

  it(
    'have names of numbers and known types, in the folder that was named, whatever an image says of itself',
    () =>
      fc.assert(
        fc.property(fc.nat(3), mimeType, fc.string({ maxLength: 20 }), fc.boolean(), (index, type, bytes, force) => {
          inFolder((inside) => {
            const folder = new ImageFolder(inside, { force });
            const imageBytes = Buffer.from(`a${bytes}`).toString('base64');
            expect(folder.save({ imageBytes, mimeType: type }, index).path?.startsWith(inside)).toBe(true);
            // Text that is not base64 makes no file, or the file that it means.
            const { path = inside, problem } = folder.save({ imageBytes: bytes, mimeType: type }, index);
            expect([path.startsWith(inside), path === inside]).toEqual([true, problem !== undefined]);
          });
        }),
        runs(150),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  const image = fc.oneof(
    mimeType.map((type) => `{"type":"image","data":"aGFsbG8=","mime_type":${JSON.stringify(type)}}`),
    mimeType.map((uri) => `{"type":"image","uri":${JSON.stringify(uri)}}`),
    jsonText.map((data) => `{"type":"image","data":${data}}`),
    jsonText.map((text) => `{"type":"text","text":${text}}`),
    fc.constantFrom(
      '{"type":"text","text":"\\u001b]0;pwned\\u0007\\u009b31m\\r\\n$(rm -rf ~)"}',
      '{"type":"image","uri":"\\u001b[2J"}',
    ),
  );
  const status = fc.constantFrom('completed', 'failed', 'incomplete', 'cancelled', '\\u001b[31mpondering\\u0007');

  it(
    'and terminals are safe from what a server answers, as the command writes them',
    () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(image, { maxLength: 3 }),
          status,
          jsonText,
          fc.boolean(),
          async (content, word, errors, json) => {
            const steps = `[{"type":"model_output","content":[${content.join(',')}]}]`;
            const text = `{"id":"x","status":"${word}","steps":${steps},"errors":[{"message":${errors}}]}`;
            const play = (truth: Response): Promise<Response> =>
              spoil(truth, { body: { kind: 'replaced', text }, bom: false, headers: {} });
            await inFolder(async (inside) => {
              const { images, clock } = arena([
                { route: 'create', skip: 0, times: 1, play },
                { route: 'get', skip: 0, times: Infinity, play },
                { route: 'stream', skip: 0, times: Infinity, play },
              ]);
              const said: string[] = [];
              const output = { write: (part: string) => said.push(part) };
              const operation = images.start({ model: 'gemini-3.1-flash-image', prompt: PROMPT }, { timeoutMs: 5_000 });
              const outputs = new Output({ stdin: process.stdin, stdout: output, stderr: output, env: {} });
              let isOver = false;
              const watched = watch(operation, {
                store: new ImageFolder(inside, { force: false }),
                viewOf: (scene) => (json ? jsonView(scene, outputs) : textViewOf(scene, outputs, false, false)),
              }).then(() => (isOver = true));
              await clock.settle();
              await clock.advanceUntil(() => isOver, { maxMs: 12_000 });
              await watched;
              // eslint-disable-next-line no-control-regex -- these are what a terminal is told by
              expect(said.join('')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
              if (!json) expect(secretsIn(said.join('').replaceAll(/refused by the model: .*/g, ''))).toEqual([]);
            });
          },
        ),
        {
          ...runs(50),
          examples: [[['{"type":"text","text":"\\u009b31m\\u0007"}'], 'completed', '""', true]],
        },
      ),
    PROPERTY_TIMEOUT_MS,
  );
});
