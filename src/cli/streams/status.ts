import type { Client } from '@temporalio/client';
import type { TemporalSettings } from '../../config.ts';
import { DEFAULT_STREAM_ID } from '../../domain/names.ts';
import type { StreamProgress } from '../../domain/run/progress.ts';
import { findStream, type FoundWorkflow, queryProgress, statusOf, withClient } from '../shared/client.ts';
import { describeFailure, runFailed } from '../shared/failures.ts';
import { runUrl } from '../shared/links.ts';
import { type JsonOption, print, printJson } from '../shared/output.ts';
import { describeWaiting } from '../shared/waiting.ts';
import { type StreamResult, streamSummary, streamTable } from './text.ts';

/** @param workflowId of a stream, or of the run that started it */
export async function streamStatus(workflowId: string | undefined, options: JsonOption): Promise<void> {
  await withClient(async (client, { temporal }) => {
    await showStream(client, temporal, await findStream(client, workflowId ?? DEFAULT_STREAM_ID), options);
  });
}

/** @throws RunFailed when that is how the stream ended */
export async function showStream(
  client: Client,
  temporal: TemporalSettings,
  found: FoundWorkflow,
  options: JsonOption = {},
): Promise<void> {
  const { handle, description } = found;
  const { workflowId } = handle;
  const uiUrl = runUrl(temporal, workflowId, description.runId);
  const status = statusOf(found);
  const finish = (facts: object) => {
    printJson({ workflowId, status, ...facts, uiUrl }, options);
  };
  print(`${workflowId}: ${status} – ${uiUrl}`, options);
  if (status === 'running') {
    const { text, facts } = await inProgress(client, found);
    print(text, options);
    finish(facts);
    return;
  }
  try {
    const result = (await handle.result()) as StreamResult;
    print(streamSummary(workflowId, result), options);
    finish({ result });
  } catch (error) {
    finish({ failure: describeFailure(error) });
    throw runFailed(workflowId, uiUrl, error);
  }
}

async function inProgress(
  client: Client,
  found: FoundWorkflow,
): Promise<{ readonly text: string; readonly facts: object }> {
  const { handle } = found;
  const progress = await queryProgress<StreamProgress>(client, handle);
  const waitsFor = await describeWaiting(client, found, progress !== 'no worker');
  const waiting = waitsFor.map((line) => `  ${line}`);
  if (progress === 'no worker') return { text: waiting.join('\n'), facts: { waitsFor } };
  const shown =
    progress === 'opening'
      ? 'It is opening: it ends earlier starts and reads its position.'
      : streamTable(handle.workflowId, progress);
  return {
    text: [shown, ...waiting].join('\n'),
    facts: { ...(progress !== 'opening' && { progress }), waitsFor },
  };
}
