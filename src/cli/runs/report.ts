import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { openInBrowser } from '../../adapters/browser.ts';
import type { Config } from '../../config.ts';
import { workflowType } from '../../domain/names.ts';
import { reportUrl } from '../../domain/run/report-url.ts';
import type { PipelineResult } from '../../domain/run/step-results.ts';
import { UsageError } from '../shared/output.ts';
import { findRunOrStream, statusOf, withClient } from '../shared/client.ts';

export interface ReportOptions {
  readonly open: boolean;
  readonly json?: true;
}

interface FoundReport {
  readonly workflowId: string;
  readonly file: string;
  /** null when no worker of this machine serves it. */
  readonly url: string | null;
}

/** A worker on this machine answers at once, or it is not there. */
const ANSWER_WITHIN_MS = 1_000;

/** Says where a run's report is, and opens it where somebody is looking. */
export async function report(workflowId: string, options: ReportOptions): Promise<void> {
  await withClient(async (client, config) => {
    const found = await findReport(client, config, workflowId);
    process.stdout.write(`${found.file}\n${found.url ?? 'No worker of this machine serves it.'}\n`);
    if (options.json) process.stdout.write(`${JSON.stringify(found)}\n`);
    // The file needs no worker that stays.
    if (options.open && !options.json && process.stdout.isTTY) await openInBrowser(found.file);
  });
}

/** @throws UsageError when there is no report, yet or at all, or its file is elsewhere */
async function findReport(
  client: Client,
  { artifactDir, reportPort }: Config,
  workflowId: string,
): Promise<FoundReport> {
  const { handle, description } = await findRunOrStream(client, workflowId);
  if (description.type !== workflowType.ratingPipeline) {
    throw new UsageError(
      `no report of "${workflowId}": expected a run of ${workflowType.ratingPipeline}, got one of ${description.type}`,
    );
  }
  const state = statusOf({ description });
  if (state !== 'completed') {
    throw new UsageError(
      `no report of "${workflowId}": expected a finished run, got one that is ${state}. See "imdb status ${workflowId}"`,
    );
  }
  const { page } = (await handle.result()) as PipelineResult;
  const file = join(artifactDir, page.uri);
  await access(file).catch((cause: unknown) => {
    throw new UsageError(
      `no report of "${workflowId}" here: expected the file ${file}, got ${(cause as Error).message}. ` +
        'Set ARTIFACT_DIR to that of the worker',
      { cause },
    );
  });
  const url = reportPort === undefined ? null : await servedAt(reportPort, page.uri);
  return { workflowId, file, url };
}

/** Whoever answers at that port may serve other reports, or none. */
async function servedAt(port: number, uri: string): Promise<string | null> {
  const url = reportUrl(`http://127.0.0.1:${port}`, uri);
  const isServed = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(ANSWER_WITHIN_MS) }).then(
    ({ ok }) => ok,
    () => false,
  );
  return isServed ? url : null;
}

export function addReportCommand(program: Command): void {
  program
    .command('report')
    .argument('<id>', 'workflow id of a finished run')
    .description('open the report of a run in a browser')
    .option('--no-open', 'only say where it is')
    .option('--json', 'print one JSON object as the last line')
    .action(async (id: string, options: ReportOptions) => {
      const { report } = await import('./report.ts');
      await report(id, options);
    });
}
