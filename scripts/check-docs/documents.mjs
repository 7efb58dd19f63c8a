import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, output } from '../support/command.mjs';

// The commands of an example are those of its own package.json.
const tracked = ['ls-files', '-co', '--exclude-standard', '*.md', ':!examples'];
const files = output('git', tracked, { cwd: ROOT }).split('\n').filter(Boolean);

/** The documents, with their texts. */
export const documents = files.map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));
