import type { Client } from '@temporalio/client';
import type { StoreIdentity } from '../activities/store-identity.ts';
import type { Logger } from '../adapters/logger.ts';
import { findMissingSearchAttributes } from '../adapters/temporal/search-attributes.ts';
import type { Config } from '../config.ts';
import { namespaceUrl } from '../domain/run/ui-links.ts';
import type { WorkerFacts } from '../domain/run/worker-facts.ts';
import { packageCommit, packageVersion } from './package-version.ts';

export async function describeWorker(
  config: Config,
  logger: Logger,
  client: Client,
  reportUrl: string | null,
  store: StoreIdentity,
): Promise<WorkerFacts> {
  const { mlflow, notify, traces, gitCommit, temporal } = config;
  return {
    version: packageVersion(),
    commit: await packageCommit(gitCommit),
    hasSearchAttributes: await hasSearchAttributes(logger, client),
    notifies: notify !== undefined,
    ...(mlflow && { mlflow: true }),
    ...(traces && { traces: true }),
    reportUrl,
    store: await identify(logger, store),
    uiUrl: namespaceUrl(temporal.uiUrl, client.options.namespace),
  };
}

/** An outage of the store is for the first step to report. */
async function identify(logger: Logger, { id, place }: StoreIdentity): Promise<WorkerFacts['store']> {
  try {
    return { id: await id(), place };
  } catch (error) {
    logger.warn({ error, place }, 'runs begin without the identity of their artifact store');
    return null;
  }
}

/** Asked for every run: `imdb setup` may have registered them since the worker started. */
async function hasSearchAttributes(logger: Logger, client: Client): Promise<boolean> {
  try {
    const { missing, clashing } = await findMissingSearchAttributes(client);
    if (missing.length + clashing.length === 0) return true;
    logger.warn(
      { missing, clashing },
      'runs continue without search attributes; "imdb setup" registers them',
    );
  } catch (error) {
    logger.warn({ error }, 'runs continue without search attributes: the server does not list them');
  }
  return false;
}
