import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmulator, createVirtualClock } from 'genai-cancel/testing';
import { Process, until } from './process.mjs';

const WORKERS = 3;
const LOCK_MS = 3_000;
const WORK_MS = 8_000;

/** The emulated server, a queue that nobody else has, the workers, and where their images go. */
export class Fleet {
  #clock = createVirtualClock();
  emulator = createEmulator({ clock: this.#clock, workMs: WORK_MS, queueMs: 0 });
  #processes = [];
  #workers = new Set();

  static async start() {
    const fleet = new Fleet();
    fleet.server = await fleet.emulator.listen();
    fleet.folder = await mkdtemp(join(tmpdir(), 'worker-fleet-'));
    const own = { QUEUE: `proof-${randomUUID()}`, LOCK_MS: String(LOCK_MS), OUT: fleet.folder };
    Object.assign(process.env, own, { GEMINI_API_KEY: 'any', GOOGLE_GEMINI_BASE_URL: fleet.server.url });
    // Not before the environment says which queue.
    fleet.here = { ...(await import('../queue.mjs')), ...(await import('../images.mjs')) };
    const { QueueEvents } = await import('bullmq');
    fleet.events = new QueueEvents(fleet.here.QUEUE, { connection: fleet.here.redis });
    await fleet.events.waitUntilReady();
    await fleet.man();
    return fleet;
  }

  /** Time passes on the server only when it is told to: what is in the middle stays there as long as a scene needs. */
  async serverWorks(ms = WORK_MS) {
    await this.#clock.advance(ms);
  }

  /** As many workers as there shall be. */
  async man() {
    const missing = Array.from({ length: WORKERS - this.#workers.size }, () => this.#spawn('worker.mjs'));
    for (const worker of missing) {
      this.#workers.add(worker);
      void worker.closed.then(() => this.#workers.delete(worker));
    }
    await Promise.all(missing.map((worker) => worker.says(/^ready$/m)));
  }

  get workers() {
    return [...this.#workers];
  }

  #spawn(program, ...args) {
    const process_ = new Process(program, args, process.env);
    this.#processes.push(process_);
    return process_;
  }

  async run(program, ...args) {
    const process_ = this.#spawn(program, ...args);
    const code = await process_.closed;
    if (code !== 0) throw new Error(`${process_.name} ended with ${code}`);
    return process_.output.trim();
  }

  /** A new job, from a machine of its own. The counts are of what is made for it, the jobs on the server being its. */
  async produce(numberOfImages) {
    const first = this.emulator.meter.jobs.length;
    const id = await this.run('produce.mjs', 'a lighthouse in fog', String(numberOfImages));
    const { meter } = this.emulator;
    return {
      id,
      get onServer() {
        return meter.jobs.slice(first);
      },
      cancelRequests() {
        return meter.requestsTo('cancel').filter(({ job }) => this.onServer.some(({ name }) => name === job)).length;
      },
    };
  }

  /** The worker that says so, of those that live. */
  async whoSays(line) {
    const speaker = () => this.workers.find((worker) => worker.hasSaid(line));
    await until(`a worker says ${line}`, speaker);
    return speaker();
  }

  /** How BullMQ says that the job has ended: what it returned, or why it failed. */
  async end({ id }) {
    const job = await this.here.queue.getJob(id);
    return job.waitUntilFinished(this.events, 60_000).catch((error) => error);
  }

  async journaled() {
    const { readJournal } = await import('genai-cancel');
    return (await readJournal(this.here.journal)).operations;
  }

  journalIs(isSo) {
    return until('the journal is as it should be', async () => isSo(await this.journaled()));
  }

  filesOf(operation) {
    return readdir(this.folder).then((files) => files.filter((file) => file.startsWith(operation)));
  }

  /** What all workers together have said that matches. */
  said(line) {
    return this.#processes.flatMap(({ output }) => output.split('\n')).filter((one) => line.test(one));
  }

  log() {
    return this.#processes.map(({ name, output }) => `--- ${name}\n${output}`).join('\n');
  }

  async stop() {
    await Promise.all(this.workers.map((worker) => worker.signal('SIGKILL')));
    const { queue, redis, QUEUE, leave } = this.here;
    await this.events.close();
    await queue.obliterate({ force: true });
    const left = await redis.keys(`*${QUEUE}*`);
    if (left.length > 0) await redis.del(left);
    await leave();
    await this.server.close();
    await rm(this.folder, { recursive: true });
    // What the emulator still works on would keep this process alive.
    this.emulator.reset();
  }
}
