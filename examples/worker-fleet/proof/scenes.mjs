/** What happens to the fleet, and what must be so afterwards: each scene gives its findings, in words, with whether they hold. */
export const scenes = {
  'a job is cancelled from another machine': async (fleet) => {
    const job = await fleet.produce(2);
    await fleet.whoSays(saysOf(job, 'started'));
    const report = await fleet.run('cancel.mjs', job.id);
    const end = await fleet.end(job);
    const isHeard = /^Cancelled/.test(end.message);
    return [
      ['the server has cancelled both images', endsOf(job) === 'cancelled, cancelled'],
      ['whoever cancelled was told so by the server', report.match(/: cancelled$/gm)?.length === 2],
      [`the worker that watched has heard of it, and nobody tries again: ${end.message}`, isHeard],
      ['the journal is empty', await fleet.journalIs(isEmpty)],
    ];
  },

  'a job is cancelled before it has a name': async (fleet) => {
    const stopFault = fleet.emulator.addFault({ kind: 'delay', route: 'create', ms: 1_000, when: 'after' });
    const job = await fleet.produce(1);
    await fleet.emulator.waitFor(() => job.onServer.length === 1);
    const report = await fleet.run('cancel.mjs', job.id);
    await fleet.serverWorks(1_000);
    const end = await fleet.end(job);
    stopFault();
    return [
      ['there was nothing to cancel by', /nothing is on the server yet/.test(report)],
      ['its worker has cancelled it on the server', endsOf(job) === 'cancelled' && /^Cancelled/.test(end.message)],
    ];
  },

  'a worker is killed in the middle': async (fleet) => (await endInTheMiddle(fleet, 'SIGKILL')).findings,

  'a worker is redeployed in the middle': async (fleet) => {
    const { worker, code, findings } = await endInTheMiddle(fleet, 'SIGTERM');
    const hasLeft = code === 0 && worker.hasSaid(/handed over$/m);
    return [['it left with code 0, and handed its job over', hasLeft], ...findings];
  },

  'a worker freezes, and comes back when its job is another worker’s': async (fleet) => {
    const job = await fleet.produce(1);
    const frozen = await fleet.whoSays(saysOf(job, 'started'));
    frozen.signal('SIGSTOP');
    const isTheirs = ({ owner }) => owner !== undefined && !owner.endsWith(`:${frozen.child.pid}`);
    await fleet.journalIs((operations) => operations.some(isTheirs));
    frozen.signal('SIGCONT');
    await frozen.says(saysOf(job, 'was taken over'));
    return [['it was told so, and left the job alone', true], ...(await delivered(fleet, job, 1))];
  },

  'a worker is killed before it has a name': async (fleet) => {
    const stopFault = fleet.emulator.addFault({ kind: 'delay', route: 'create', ms: 1_000, when: 'after' });
    const job = await fleet.produce(1);
    await fleet.emulator.waitFor(() => job.onServer.length === 1);
    await fleet.journalIs((operations) => operations.some(({ record }) => record.tag === job.id));
    await (await ownerOf(fleet, job)).signal('SIGKILL');
    stopFault();
    const end = await fleet.end(job);
    const reaped = await fleet.run('reaper.mjs');
    const [left] = await fleet.journaled();
    const isForgotten = await fleet.here.images.forget(left.id);
    await fleet.man();
    return [
      ['nothing was sent a second time', job.onServer.length === 1],
      [`the job has failed, saying why: ${end.message}`, /^In doubt/.test(end.message)],
      [`the reaper names it: ${reaped}`, reaped.startsWith(`job ${job.id}: 1 of 1 in doubt`)],
      ['once looked into, it can be forgotten', isForgotten],
    ];
  },

  'a worker is killed between two names': async (fleet) => {
    const stopFault = fleet.emulator.addFault({ kind: 'delay', route: 'create', ms: 1_000, when: 'after', skip: 1 });
    const job = await fleet.produce(2);
    await fleet.journalIs((operations) => operations.some(({ record }) => record.jobs.some(({ name }) => name)));
    await fleet.emulator.waitFor(() => job.onServer.length === 2);
    await (await ownerOf(fleet, job)).signal('SIGKILL');
    stopFault();
    await fleet.whoSays(saysOf(job, 'adopted'));
    await fleet.serverWorks();
    const { files, missing } = await fleet.end(job);
    const reaped = await fleet.run('reaper.mjs');
    await fleet.here.images.forget((await fleet.journaled())[0].id);
    await fleet.man();
    return [
      ['nothing was sent a second time', job.onServer.length === 2 && job.cancelRequests() === 0],
      ['the image whose name the journal knew was delivered', files.length === 1],
      [`the other one is in doubt, and said to be: ${reaped}`, missing[0].state === 'unknown' && /1 of 1/.test(reaped)],
    ];
  },

  'all workers are killed, and the job is taken out of the queue': async (fleet) => {
    const job = await fleet.produce(2);
    // Not only in the job's data, which will be gone.
    await fleet.journalIs(([one]) => one?.record.jobs.every(({ name }) => name !== undefined));
    await Promise.all(fleet.workers.map((worker) => worker.signal('SIGKILL')));
    await fleet.journalIs((operations) => operations.every(({ isOrphan }) => isOrphan));
    const early = await fleet.run('reaper.mjs');
    await fleet.here.queue.obliterate({ force: true });
    const late = await fleet.run('reaper.mjs');
    return [
      ['the reaper leaves it alone as long as it is in the queue', early === ''],
      [`then it cancels it on the server: ${late}`, endsOf(job) === 'cancelled, cancelled'],
      ['the journal is empty', await fleet.journalIs(isEmpty)],
    ];
  },
};

/** Ends the worker of a job, which another one goes on with. */
async function endInTheMiddle(fleet, signal) {
  const job = await fleet.produce(2);
  const worker = await fleet.whoSays(saysOf(job, 'started'));
  const code = await worker.signal(signal);
  await fleet.whoSays(saysOf(job, 'adopted'));
  const findings = [['another worker went on with it', true], ...(await delivered(fleet, job, 2))];
  await fleet.man();
  return { worker, code, findings };
}

const saysOf = ({ id }, what) => new RegExp(`^job ${id} ${what}`, 'm');

/** One create for each image, none cancelled, each delivered once, nothing left in the journal. */
async function delivered(fleet, job, images) {
  await fleet.serverWorks();
  const { operation } = await fleet.end(job);
  const files = await fleet.filesOf(operation);
  const deliveries = fleet.said(new RegExp(`^delivered ${operation}`)).length;
  const { length } = job.onServer;
  const [ends, cancels] = [endsOf(job), job.cancelRequests()];
  const isAsWanted = length === images && cancels === 0 && /^(completed(, )?)+$/.test(ends);
  return [
    [`wanted ${images}, creates ${length}, cancel requests ${cancels}: ${ends}`, isAsWanted],
    [`each image was delivered once`, files.length === images && deliveries === images],
    ['the journal is empty', await fleet.journalIs(isEmpty)],
  ];
}

async function ownerOf(fleet, job) {
  const { owner } = (await fleet.journaled()).find(({ record }) => record.tag === job.id);
  return fleet.workers.find(({ child }) => owner.endsWith(`:${child.pid}`));
}

const endsOf = ({ onServer }) => onServer.map(({ endReason }) => endReason ?? 'running').join(', ');
const isEmpty = (operations) => operations.length === 0;
