import type { CloudStorage } from '../../../src/api/cloud-storage.js';
import type { SimulatedProcess } from './process.js';
import type { Simulation } from './simulation.js';

/** Cloud Storage as a process sees it: what the emulator has written, each answer in its turn. */
export function storageOf(simulation: Simulation, process: SimulatedProcess): CloudStorage {
  const turn = async (what: string): Promise<void> => {
    await process.life.gate();
    await simulation.driver.turn(`${process.pid} ← storage.${what}`);
    await process.life.gate();
  };
  const { bucket } = simulation.server;
  const fail = (): void => {
    if (process.takeStorageFault()) throw Object.assign(new Error('Cloud Storage denies it.'), { code: 403 });
  };
  return {
    bucket: (name) => ({
      getFiles: async ({ prefix }) => {
        const root = `gs://${name}/`;
        const files = bucket.list(`${root}${prefix}`).map((uri) => ({ name: uri.slice(root.length) }));
        await turn('getFiles');
        fail();
        return [files];
      },
      file: (path) => ({
        download: async () => {
          const content = new TextEncoder().encode(bucket.get(`gs://${name}/${path}`) ?? '');
          await turn('download');
          fail();
          return [content];
        },
      }),
    }),
  };
}
