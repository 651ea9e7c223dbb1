import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { readJson } from '../../activities/artifact-store.ts';
import { openArtifacts } from '../../adapters/stores.ts';
import { isChampionAlias, modelOfAlias, partsOfRunName } from '../../domain/names.ts';
import type { RunReport } from '../../domain/run/report.ts';
import { modelCard } from '../../report/model-card.ts';
import { withClient } from '../shared/client.ts';
import { UsageError } from '../shared/exit.ts';
import { type JsonOption, print, printJson } from '../shared/output.ts';
import { createRegistryClient } from './registry.ts';
import { fetchFinishedRun, type FinishedRun } from './run.ts';

/**
 * Prints the model card, which is made from the report of the run that trained the model.
 *
 * @param name the workflow id of a finished run, or `<name>@champion`
 */
export async function showCard(name: string, options: JsonOption): Promise<void> {
  await withClient(async (client, config) => {
    const { report } = isChampionAlias(name)
      ? await championsRun(client, config.taskQueue, name)
      : await findRun(client, name);
    const { artifacts } = await openArtifacts(config);
    const card = modelCard(await readJson<RunReport>(artifacts, report));
    print(card.trimEnd(), options);
    printJson({ card }, options);
  });
}

async function findRun(client: Client, workflowId: string): Promise<FinishedRun> {
  try {
    return await fetchFinishedRun(client, workflowId);
  } catch (cause) {
    if (!(cause instanceof WorkflowNotFoundError)) throw cause;
    throw new UsageError(
      `no model card of ${JSON.stringify(workflowId)}: expected the workflow id of a finished run, or a champion like ` +
        `imdb-score@champion, but namespace "${client.options.namespace}" has no run of that id. A .model file has no ` +
        'card: name the run that trained it',
      { cause },
    );
  }
}

async function championsRun(client: Client, taskQueue: string, alias: string): Promise<FinishedRun> {
  const champion = await createRegistryClient(client, taskQueue).champion(modelOfAlias(alias));
  if (champion === null)
    throw new UsageError(`no model "${alias}": no model was promoted under that name yet`);
  const { run } = champion.model;
  const { workflowId, runId } = partsOfRunName(run);
  try {
    return await fetchFinishedRun(client, workflowId, runId);
  } catch (error) {
    // A run that was reset ends under another run id.
    const newest = await fetchFinishedRun(client, workflowId).catch(() => undefined);
    if (newest?.run === run) return newest;
    throw error;
  }
}
