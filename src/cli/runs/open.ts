import type { Client } from '@temporalio/client';
import { openInBrowser } from '../../adapters/browser.ts';
import { type Config, loadProcessConfig } from '../../config.ts';
import {
  DEFAULT_MODEL_NAME,
  registryWorkflowId,
  streamWorkflowId,
  workflowType,
} from '../../domain/names.ts';
import { findRunStreamOrBatch, findWorkflow, statusOf, withClient } from '../shared/client.ts';
import { runUrl, scheduleUrl, startFormUrl } from '../shared/links.ts';
import { commandText } from '../shared/failures.ts';

export interface OpenOptions {
  /** False with --no-open. */
  readonly open: boolean;
}

export interface Link {
  readonly label: string;
  readonly target: string;
}

/** Prints where things are in the UI, and opens the first on a terminal. Without an id it needs no server. */
export async function openLinks(workflowId: string | undefined, { open }: OpenOptions): Promise<void> {
  let links = generalLinks(loadProcessConfig());
  if (workflowId !== undefined) {
    await withClient(async (client, { temporal }) => {
      links = [...(await workflowLinks(client, temporal, workflowId)), ...links];
    });
  }
  const width = Math.max(...links.map(({ label }) => label.length));
  for (const { label, target } of links) process.stdout.write(`${label.padEnd(width)}  ${target}\n`);
  if (!open || !process.stdout.isTTY || !links[0]) return;
  await openInBrowser(links[0].target).catch((error: unknown) => {
    process.stderr.write(`no browser: ${error instanceof Error ? error.message : String(error)}\n`);
  });
}

/** What is there whatever has run. */
export function generalLinks({ temporal, taskQueue }: Pick<Config, 'temporal' | 'taskQueue'>): Link[] {
  return [
    { label: 'start a run', target: startFormUrl(temporal, taskQueue) },
    { label: 'start a stream', target: startFormUrl(temporal, taskQueue, workflowType.scoreStream) },
    { label: 'nightly schedule', target: scheduleUrl(temporal) },
    {
      label: `models (${DEFAULT_MODEL_NAME})`,
      target: runUrl(temporal, registryWorkflowId(taskQueue, DEFAULT_MODEL_NAME)),
    },
  ];
}

/** The page of a run, a stream or a micro-batch, and of what belongs to it. */
export async function workflowLinks(
  client: Client,
  temporal: Config['temporal'],
  workflowId: string,
): Promise<Link[]> {
  const found = await findRunStreamOrBatch(client, workflowId);
  const { type, runId, parentExecution } = found.description;
  const isRun = type === workflowType.ratingPipeline;
  const stream = isRun ? await findWorkflow(client, streamWorkflowId(workflowId)) : undefined;
  const parent = parentExecution?.workflowId;
  return [
    { label: workflowId, target: runUrl(temporal, workflowId, runId) },
    ...(stream
      ? [
          {
            label: 'its stream',
            target: runUrl(temporal, streamWorkflowId(workflowId), stream.description.runId),
          },
        ]
      : []),
    ...(parent ? [{ label: 'started by', target: runUrl(temporal, parent) }] : []),
    ...(isRun && statusOf(found) === 'completed'
      ? [{ label: 'its report', target: commandText('imdb', 'report', workflowId) }]
      : []),
  ];
}
