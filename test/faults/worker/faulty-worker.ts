import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { createLogger } from '../../../src/adapters/logger.ts';
import { loadProcessConfig } from '../../../src/config.ts';
import { loadWorkerCode, startWorker } from '../../../src/worker.ts';
import { readWorkerCode } from '../../support/worker/worker-code.ts';
import { writeJournal } from './journal.ts';
import type { Injection } from '../faults/injection.ts';
import { createInjector, type Injector } from './injector.ts';
import { partOf, type Attempt } from '../faults/place.ts';
import { injectIntoPorts } from './faulty-ports.ts';

/** The only argument, as JSON. All other settings are environment variables, as for any worker. */
export interface FaultyWorkerPlan {
  /** Of the round: claims, releases, the journal. */
  readonly directory: string;
  readonly injections: readonly Injection[];
  /** Compiling takes seconds of a core, and a suite starts a hundred workers. */
  readonly bundleFile?: string;
}

const { directory, injections, bundleFile } = JSON.parse(process.argv[2] ?? '') as FaultyWorkerPlan;
const config = loadProcessConfig();
const logger = createLogger({ level: config.logLevel, secrets: config.secrets });
const injector = createInjector(directory, injections);

const code = bundleFile === undefined ? loadWorkerCode(logger) : readWorkerCode(bundleFile);
const worker = await startWorker(config, logger, code, {
  wrapDeps: (deps) => injectIntoPorts(deps, injector, directory),
  interceptors: { activity: [injectIntoActivities(injector, directory)] },
});
writeJournal(directory, { event: 'polling' });
await worker.stopped;

/** The injections `before` and `after`, and the journal of every attempt. */
function injectIntoActivities(injector: Injector, directory: string): ActivityInterceptorsFactory {
  return ({ info }) => ({
    inbound: {
      async execute(input, next) {
        const attempt: Attempt = {
          activity: info.activityType,
          part: partOf(input.args[0]),
          workflowId: info.workflowExecution?.workflowId ?? '',
          attempt: info.attempt,
        };
        return injector.during(attempt, async () => {
          const active = injector.current();
          writeJournal(directory, { event: 'started', ...attempt });
          try {
            injector.reach(active, 'before');
            const result = await next(input);
            injector.reach(active, 'after');
            writeJournal(directory, { event: 'done', ...attempt });
            return result;
          } catch (error) {
            const name = error instanceof Error ? error.name : String(error);
            writeJournal(directory, { event: 'failed', ...attempt, error: name });
            throw error;
          }
        });
      },
    },
  });
}
