#!/usr/bin/env node
import { run } from './run.js';

// A terminal or pipe that is gone must neither end the process before its cancels are out nor lose it a paid image.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

process.exitCode = await run(process.argv.slice(2), process);
