#!/usr/bin/env node
import { homedir } from 'node:os';
import { guardConsole, lineWriterOf, Output } from './output.js';
import { run } from './run.js';

// A terminal or pipe that is gone must neither end the process before its cancels are out nor lose it a paid image.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  homedir();
} catch {
  // A user without a home: it is said where a home is needed.
  process.env['HOME'] = '';
}

const { stdin, stderr, env } = process;
const surroundings = { stdin, stdout: lineWriterOf(process.stdout), stderr, env };
guardConsole(new Output(surroundings));
process.exitCode = await run(process.argv.slice(2), surroundings);
