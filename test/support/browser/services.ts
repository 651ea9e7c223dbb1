import type { TestProject } from 'vitest/node';
import { findChromium, HOW_TO_GET_CHROMIUM } from './chromium.ts';
import startServices from '../services.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Empty if there is none. */
    chromiumPath: string;
  }
}

/** Starts the servers of the browser tests if there is a browser. */
export default async function startBrowserServices(project: TestProject): Promise<() => Promise<void>> {
  const chromiumPath = await findChromium();
  project.provide('chromiumPath', chromiumPath ?? '');
  if (chromiumPath !== undefined) return startServices(project);
  process.stderr.write(`${HOW_TO_GET_CHROMIUM}\n`);
  return async () => undefined;
}
