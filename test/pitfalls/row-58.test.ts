import { expect, it } from 'vitest';
import { rejection, settle } from '../support/setup.js';
import { afterRows, setupVertex } from '../google/batches/vertex-setup.js';

const never = (): Promise<never> => new Promise(() => undefined);

it.each(['getFiles', 'download'] as const)('#58 results that hang leave result() pending: %s', async (what) => {
  const { clock, startRows, storage } = setupVertex();
  const slow = {
    bucket: (name: string) => {
      const bucket = storage.bucket(name);
      return what === 'getFiles' ? { ...bucket, getFiles: never } : { ...bucket, file: () => ({ download: never }) };
    },
  };
  const startedAt = clock.now();
  const operation = startRows(2, { storage: slow });
  operation.on('warning', () => undefined);
  const error = await rejection(clock, operation.result());
  expect(error).toMatchObject({ name: 'OperationFailedError', code: 'RESULT_UNREADABLE' });
  expect((error as Error).message).toContain('gs://results/out');
  expect(clock.now() - startedAt).toBeLessThan(afterRows(2) + 602_000);
});

it('#58 results that are late are waited for', async () => {
  const { clock, startRows, storage } = setupVertex();
  const late = {
    bucket: (name: string) => ({
      ...storage.bucket(name),
      getFiles: async (query: { prefix: string }) => {
        await new Promise<void>((resolve) => void clock.setTimeout(resolve, 300_000));
        return storage.bucket(name).getFiles(query);
      },
    }),
  };
  const result = await settle(clock, startRows(2, { storage: late }).result());
  expect(result).toMatchObject({ status: 'fulfilled', value: { generatedImages: [{}, {}] } });
});
