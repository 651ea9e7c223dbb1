import type { RunTracker } from '../../activities/tracking/run-tracker.ts';
import type { MlflowSettings } from '../../config/mlflow-settings.ts';
import { MlflowError } from '../../domain/errors.ts';
import { createMlflowClient } from './client.ts';
import { createMlflowModels } from './models.ts';
import { createMlflowRuns } from './runs.ts';

/** Logs to an MLflow tracking server by its REST API; it needs neither Python nor MLflow on the worker. */
export function createMlflowTracker(settings: MlflowSettings): RunTracker {
  const client = createMlflowClient(settings);
  const runs = createMlflowRuns(client, settings);
  const models = createMlflowModels(client, settings);
  return {
    open: (run, signal) => runs.open(run, signal),
    log: (record, facts, signal) => runs.log(record, facts, signal),
    register: async (record, model, signal) =>
      models.register(record, await runs.read(record.id, signal), model, signal),
    follow: (decisions, signal) => models.follow(decisions, signal),
  };
}

/** For a worker without MLFLOW_TRACKING_URI; another worker, which began the run, has it. */
export const noTracker: RunTracker = {
  open: refuse,
  log: refuse,
  register: refuse,
  follow: async () => ({ state: 'off' }),
};

async function refuse(): Promise<never> {
  throw new MlflowError({
    what: 'this worker has no MLFLOW_TRACKING_URI, but the one that began the run has',
    hint: 'Set MLFLOW_TRACKING_URI on all workers and restart them; the step then continues by itself',
  });
}
