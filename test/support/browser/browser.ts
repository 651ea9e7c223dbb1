import getPort from 'get-port';
import { chromium, type Page } from 'playwright-core';
import { describe as anyDescribe, inject } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { loadConfig } from '../../../src/config.ts';
import type { RunningWorker } from '../../../src/worker.ts';
import { test as base, type TestEnvironment } from '../environment.ts';
import { hideMachineNames } from './screenshot.ts';
import { startWorker } from '../worker/start-worker.ts';

/** Skipped without a Chromium. */
export const describe = anyDescribe.skipIf(inject('chromiumPath') === '');

const VIEWPORT = { width: 1280, height: 800 } as const;
/** Only a page that hangs reaches this limit; the UI itself polls every ten seconds or so. */
const ACTION_TIMEOUT_MS = 5 * 60_000;

const log = createLogger({ level: 'error' });

/** A worker of this environment, with other settings if given. */
export async function startWorkerOf(
  { env }: TestEnvironment,
  settings: Readonly<Record<string, string>> = {},
): Promise<RunningWorker> {
  return startWorker(loadConfig({ ...env, ...settings }), log);
}

export const test = base
  .extend('browser', { scope: 'worker' }, async ({}, { onCleanup }) => {
    const browser = await chromium.launch({
      executablePath: inject('chromiumPath'),
      args: [
        '--disable-gpu',
        '--disable-background-networking',
        // Chromium refuses its sandbox to root, which containers run as.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ],
    });
    onCleanup(() => browser.close());
    return browser;
  })
  .extend('page', async ({ browser }, { onCleanup }): Promise<Page> => {
    const context = await browser.newContext({
      viewport: VIEWPORT,
      colorScheme: 'light',
      locale: 'en-GB',
      timezoneId: 'UTC',
    });
    context.setDefaultTimeout(ACTION_TIMEOUT_MS);
    await hideMachineNames(context);
    onCleanup(() => context.close());
    return context.newPage();
  })
  .extend('worker', { scope: 'file' }, async ({ environment }, { onCleanup }) => {
    const worker = await startWorkerOf(environment, { REPORT_PORT: String(await getPort()) });
    onCleanup(() => worker.shutdown());
    return worker;
  });
