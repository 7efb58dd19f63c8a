/** What there is to be counted, in lines. */
export function summary({ battle, told, files, journal, server, counts, seconds }) {
  const operations = [...told.operations.values()];
  const images = operations.flatMap((operation) => operation.images);
  const recovered = operations.flatMap((operation) => operation.recovered);
  const by = (policy) => recovered.filter((line) => line.policy === policy);
  const lines = [
    ['kills', battle.kills],
    ...[...battle.phases].map(([phase, count]) => [`  ${phase}`, count]),
    ['recoverers', `${battle.recoverers}, ${battle.recoverersKilled} of them killed`],
    ['operations started', operations.length],
    ['  settled for who had started them', operations.filter((one) => isSettledBy(one, one.child)).length],
    ['  recovered by attach', by('attach').length],
    ['  recovered by cancel', by('cancel').length],
    ['  detached and recovered', recovered.filter(({ isDetached }) => isDetached).length],
    ['  told to be in doubt', operations.filter(({ doubts }) => doubts.size > 0).length],
    ['  in doubt in the journal', journal.operations.length],
    ['creates on the server', server.creates.length],
    ['jobs on the server', server.meter.jobs.length],
    ['  cancelled', counts.cancelled],
    ['  started, in doubt, and named so', counts.startedInDoubt],
    ['images finished on the server', counts.finished],
    ['  delivered', counts.delivered],
    ['  told of by name in a warning', counts.toldByWarning],
    ['  told of as made by a request and not to be fetched', counts.toldUnfetched],
    ['  lost', counts.lost],
    ['images in the output folder', [...files.values()].flat().length],
    ['  seen again by another process', images.filter(({ how }) => how === 'again').length],
    ['seconds', seconds.toFixed(0)],
  ];
  const width = Math.max(...lines.map(([label]) => label.length));
  return lines.map(([label, value]) => `${label.padEnd(width)}  ${value}`).join('\n');
}

const isSettledBy = ({ settled }, name) => settled.some(({ by }) => by === name);
