import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Fault } from '../../../src/testing/index.js';
import { temporaryFolder } from '../temporary-folder.js';
import { KEY, PROMPT, setUp, type Setting } from './cli.js';
import { contentsOf, namesIn } from './records.js';

const QUOTE = `The key ${KEY} and "${PROMPT}" are not to my taste.`;

/** All that the command has said so far, and all that it keeps. */
class Everything {
  readonly #setting: Setting;
  #text = '';

  constructor(setting: Setting) {
    this.#setting = setting;
  }

  async run(...args: string[]): Promise<void> {
    const { stdout, stderr } = await this.#setting.run(args);
    // With --json the image events have their images, on purpose.
    this.#text += `$ ${args[0] ?? ''}\n${stdout}${stderr}`;
    this.read();
  }

  /** The journal as it is on the disk at this moment, names of files included. */
  read(): void {
    const { journal } = this.#setting;
    for (const file of readdirSync(journal, { withFileTypes: true })) {
      this.#text += `${file.name}\n${readFileSync(`${journal}/${file.name}`, 'utf8')}\n`;
    }
  }

  get text(): string {
    return this.#text;
  }
}

test.each<[string, Fault[]]>([
  ['all goes well', []],
  ['the server refuses the create, and quotes', [{ kind: 'status', route: 'create', status: 400, message: QUOTE }]],
  [
    'the answer to the create is lost',
    [{ kind: 'status', route: 'create', status: 500, message: QUOTE, when: 'after' }],
  ],
  ['the job fails, and the server quotes', [{ kind: 'fail', message: QUOTE }]],
  ['the cancel is refused', [{ kind: 'status', route: 'cancel', status: 400, message: QUOTE }]],
])('no key, prompt or image is said or kept when %s', async (_, faults) => {
  const setting = await setUp({ faults: [...faults], workMs: 200 });
  const everything = new Everything(setting);
  const out = temporaryFolder();
  await everything.run('generate', PROMPT, '-o', out, '--tag', 'order 7');
  await everything.run('list');
  await everything.run('list', '--json');
  for (const { id } of (await contentsOf(setting.journal)).operations) {
    await everything.run('cancel', id);
    await everything.run('attach', id, '-o', out);
  }
  await everything.run('recover', '-o', out);
  await everything.run('recover', 'cancel', '-o', out);
  expect(everything.text).not.toContain(KEY);
  expect(everything.text).not.toContain(PROMPT);
  expect(everything.text).not.toMatch(/[A-Za-z0-9+/]{200}/);
  expect(JSON.stringify(setting.emulator.meter.requests)).toContain(PROMPT);
});

test('none of them is in the journal of a process that is killed', async () => {
  const setting = await setUp({ workMs: 60_000 });
  const cli = setting.start(['generate', PROMPT, '-n', '2', '-o', temporaryFolder()]);
  await namesIn(setting.journal, 2);
  cli.kill('SIGKILL');
  await cli.ended;
  const everything = new Everything(setting);
  everything.read();
  expect(everything.text).toContain('interactions/');
  await everything.run('recover', 'cancel');
  for (const secret of [KEY, PROMPT]) expect(everything.text).not.toContain(secret);
});
