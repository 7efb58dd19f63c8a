import type { CommandOf } from './arguments.js';
import { reach } from './connect.js';
import { ImageFolder } from './folder.js';
import type { Surroundings } from './surroundings.js';
import { chooseView } from './view/view.js';
import { watch } from './watch.js';

/** Watches what another process has started. Resolves to the exit code; never, when a signal ends the process. */
export async function attach(command: CommandOf<'attach'>, surroundings: Surroundings): Promise<number> {
  const { images, subject, isAlive } = await reach(command, surroundings.env);
  const store = new ImageFolder(command.out, command);
  const { isComplete } = await watch(images.attach(subject), {
    store,
    viewOf: (scene) => {
      const view = chooseView(scene, command, surroundings);
      if (isAlive) view.remark('Its process lives, and will have what it makes, too.');
      return view;
    },
  });
  await images.close();
  return isComplete ? 0 : 1;
}
