// Runs a command in its own terminal and tells the test, over a socket, how it ended: a shell would turn the signal into a
// number. It outlives Ctrl+C and the terminal itself, but not the test.
import { spawn } from 'node:child_process';
import { connect } from 'node:net';

const [socketPath, command, ...args] = process.argv.slice(2);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);

const test = connect(socketPath);
// Its terminal may be gone, and the test may have given up: then nothing of this process group may stay.
test.on('close', () => process.kill(0, 'SIGKILL'));
test.on('error', () => undefined);

const child = spawn(command, args, { stdio: 'inherit' });
child.on('error', (error) => test.write(JSON.stringify({ error: error.message })));
child.on('exit', (code, signal) => {
  test.removeAllListeners('close');
  test.end(JSON.stringify({ code, signal, at: Date.now() }));
  // Not by itself: a grandchild may keep the terminal open.
  test.on('close', () => process.exit(0));
});
