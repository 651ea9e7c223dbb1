import { createLogger } from '../../src/adapters/logger.ts';
import { loadProcessConfig } from '../../src/config.ts';
import { loadWorkerCode, startWorker } from '../../src/worker.ts';
import { readWorkerCode } from '../support/worker-code.ts';
import { writeJournal } from './journal.ts';
import type { Strike } from './strike.ts';
import { createStriker } from './striker.ts';
import { strikeActivities } from './struck-activities.ts';
import { strikePorts } from './struck-ports.ts';

/** The only argument, as JSON. The rest is the environment of any worker. */
export interface FaultyWorkerPlan {
  /** Of the round: claims, releases, the journal. */
  readonly directory: string;
  readonly strikes: readonly Strike[];
  /** Bundling costs seconds of a core, and a suite starts a hundred workers. */
  readonly bundleFile?: string;
}

const { directory, strikes, bundleFile } = JSON.parse(process.argv[2] ?? '') as FaultyWorkerPlan;
const config = loadProcessConfig();
const logger = createLogger({ level: config.logLevel });
const striker = createStriker(directory, strikes);

const code = bundleFile === undefined ? loadWorkerCode(logger) : readWorkerCode(bundleFile);
const worker = await startWorker(config, logger, code, {
  wrapDeps: (deps) => strikePorts(deps, striker, directory),
  interceptors: { activity: [strikeActivities(striker, directory)] },
});
writeJournal(directory, { event: 'polling' });
await worker.stopped;
