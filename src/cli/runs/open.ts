import type { Client } from '@temporalio/client';
import { openInBrowser } from '../../adapters/browser.ts';
import { type Config, loadProcessConfig } from '../../config.ts';
import {
  DEFAULT_MODEL_NAME,
  registryWorkflowId,
  streamWorkflowId,
  workflowType,
} from '../../domain/names.ts';
import { RUN_FILTERS, type RunFilter } from '../../domain/run/ui-links.ts';
import { findRunStreamOrBatch, findWorkflow, statusOf, withClient } from '../shared/client.ts';
import { describeError, UsageError } from '../shared/exit.ts';
import { commandText } from '../shared/failures.ts';
import { listUrl, runUrl, scheduleUrl, startFormUrl } from '../shared/links.ts';
import { print } from '../shared/output.ts';

export interface OpenOptions {
  readonly runs?: true;
  /** False with --no-open. */
  readonly open: boolean;
}

export interface Link {
  readonly label: string;
  readonly target: string;
}

/** Prints links into the UI, and opens the first on a terminal. Without an id it needs no server. */
export async function openLinks(workflowId: string | undefined, { runs, open }: OpenOptions): Promise<void> {
  if (runs && workflowId !== undefined) {
    throw new UsageError(`expected a workflow id or --runs, got both: "${workflowId}" and --runs`);
  }
  const links = await findLinks(workflowId, runs === true);
  const width = Math.max(...links.map(({ label }) => label.length));
  for (const { label, target } of links) print(`${label.padEnd(width)}  ${target}`);
  if (!open || !process.stdout.isTTY || !links[0]) return;
  await openInBrowser(links[0].target).catch((error: unknown) => {
    process.stderr.write(`cannot open a browser: ${describeError(error)}\n`);
  });
}

async function findLinks(workflowId: string | undefined, onlyRuns: boolean): Promise<Link[]> {
  const config = loadProcessConfig();
  if (onlyRuns) return [listLink(config, RUN_FILTERS.runs)];
  const general = generalLinks(config);
  if (workflowId === undefined) return general;
  return withClient(async (client, { temporal }) => [
    ...(await workflowLinks(client, temporal, workflowId)),
    ...general,
  ]);
}

function listLink({ temporal }: Pick<Config, 'temporal'>, filter: RunFilter): Link {
  return { label: filter.finds, target: listUrl(temporal, filter) };
}

/** Pages that exist before anything has run. */
export function generalLinks(config: Pick<Config, 'temporal' | 'taskQueue'>): Link[] {
  const { temporal, taskQueue } = config;
  return [
    { label: 'start a run', target: startFormUrl(temporal, taskQueue) },
    { label: 'start a stream', target: startFormUrl(temporal, taskQueue, workflowType.scoreStream) },
    listLink(config, RUN_FILTERS.runs),
    listLink(config, RUN_FILTERS.failed),
    { label: 'nightly schedule', target: scheduleUrl(temporal) },
    {
      label: `models (${DEFAULT_MODEL_NAME})`,
      target: runUrl(temporal, registryWorkflowId(taskQueue, DEFAULT_MODEL_NAME)),
    },
  ];
}

/** The page of a run, a stream or a micro-batch, and the pages that belong to it. */
async function workflowLinks(
  client: Client,
  temporal: Config['temporal'],
  workflowId: string,
): Promise<Link[]> {
  const found = await findRunStreamOrBatch(client, workflowId);
  const { type, runId, parentExecution } = found.description;
  const isRun = type === workflowType.ratingPipeline;
  const streamId = streamWorkflowId(workflowId);
  const stream = isRun ? await findWorkflow(client, streamId) : undefined;
  const parent = parentExecution?.workflowId;
  const links: Link[] = [{ label: workflowId, target: runUrl(temporal, workflowId, runId) }];
  if (stream) {
    links.push({ label: 'its stream', target: runUrl(temporal, streamId, stream.description.runId) });
  }
  if (parent) links.push({ label: 'started by', target: runUrl(temporal, parent) });
  if (isRun && statusOf(found) === 'completed') {
    links.push({ label: 'its report', target: commandText('imdb', 'report', workflowId) });
  }
  return links;
}
