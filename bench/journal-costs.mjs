import { openStage, PARAMETERS } from './stage.mjs';
import { timed, versus } from './versus.mjs';

/** Time to `submitted()`, without and with the journal, in turns: what it adds is what it costs who starts. */
export function submitWith({ name, journal }, rounds) {
  const stage = openStage({ workMs: 600_000 });
  const submit = async (options) => {
    const operation = stage.images.start(PARAMETERS, options);
    operation.result().catch(() => undefined);
    const ms = await timed(() => operation.submitted());
    await operation.cancel();
    stage.emulator.reset();
    return ms;
  };
  return versus(`submitted(), with a journal: ${name}`, rounds, {
    plain: () => submit({ journal: false }),
    ours: () => submit({ journal }),
  });
}
