import { playwright } from '@vitest/browser-playwright';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { REPLACED } from './tests.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const { PAGE_TESTS = '[]', CHROMIUM = '', ...env } = process.env;

/** No window, no GPU, no words with anybody but the page. */
const ARGUMENTS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--js-flags=--expose-gc'],
];

/** For the cells of the matrix only: the packages that it needs are installed there. */
export default defineConfig({
  root,
  // The service worker of msw has to come from the root of the page's server.
  publicDir: dirname(fileURLToPath(import.meta.resolve('msw/mockServiceWorker.js'))),
  resolve: {
    alias: Object.fromEntries(REPLACED.map((name) => [`node:${name}`, join(root, `test/page/node/${name}.ts`)])),
  },
  optimizeDeps: {
    include: ['@google/genai', 'eventemitter3', 'eventsource-parser', 'fast-check', 'msw', 'msw/browser'],
  },
  test: {
    include: JSON.parse(PAGE_TESTS),
    setupFiles: ['test/page/node/events.ts'],
    env: Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('EXPECT_'))),
    fileParallelism: false,
    testTimeout: 30_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { executablePath: CHROMIUM, args: ARGUMENTS } }),
      instances: [{ browser: 'chromium' }],
    },
  },
});
