import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Client } from '@temporalio/client';
import { openInBrowser } from '../../adapters/browser.ts';
import { withFileInside } from '../../adapters/files/inside.ts';
import { openArtifacts } from '../../adapters/stores.ts';
import type { Config, ReportSettings } from '../../config.ts';
import { placeText } from '../../config/store-place.ts';
import type { ArtifactRef } from '../../domain/artifact.ts';
import { workflowType } from '../../domain/names.ts';
import { reportUrl } from '../../domain/run/report-url.ts';
import type { PipelineResult } from '../../domain/run/step-results.ts';
import { findRunOrStream, statusOf, withClient } from '../shared/client.ts';
import { describeError, UsageError } from '../shared/exit.ts';
import { type JsonOption, print, printJson } from '../shared/output.ts';

export interface ReportOptions extends JsonOption {
  readonly open: boolean;
}

interface FoundReport {
  readonly workflowId: string;
  readonly file: string;
  /** null when no worker of this machine serves it. */
  readonly url: string | null;
}

/** Without a worker the connection is refused at once; a busy worker may take a while to answer. */
const ANSWER_WITHIN_MS = 10_000;

/** Prints where a run's report is, and opens it on a terminal. */
export async function report(workflowId: string, options: ReportOptions): Promise<void> {
  await withClient(async (client, config) => {
    const found = await findReport(client, config, workflowId);
    print(`${found.file}\n${found.url ?? 'No worker on this machine serves it.'}`, options);
    printJson(found, options);
    // The file, because the URL works only while a worker runs.
    if (options.open && !options.json && process.stdout.isTTY) await openInBrowser(found.file);
  });
}

/** @throws UsageError when the workflow is not a completed run, or the file is not in ARTIFACT_STORE */
async function findReport(client: Client, config: Config, workflowId: string): Promise<FoundReport> {
  const found = await findRunOrStream(client, workflowId);
  const { type } = found.description;
  if (type !== workflowType.ratingPipeline) {
    throw new UsageError(
      `no report of "${workflowId}": expected a run of ${workflowType.ratingPipeline}, got one of ${type}`,
    );
  }
  const status = statusOf(found);
  if (status !== 'completed') {
    throw new UsageError(
      `no report of "${workflowId}": expected a finished run, got one that is ${status}. See "imdb status ${workflowId}"`,
    );
  }
  const { page } = (await found.handle.result()) as PipelineResult;
  const file = await findFile(config, page).catch((cause: unknown) => {
    throw new UsageError(
      `no report of "${workflowId}" here: expected the file ${page.uri} in ${placeText(config.artifacts)}, ` +
        `got ${describeError(cause)}. Set ARTIFACT_STORE to that of the worker`,
      { cause },
    );
  });
  const url = config.reports ? await servedAt(config.reports, page.uri) : null;
  return { workflowId, file, url };
}

/** A browser opens files only: a page in an object store is copied. */
async function findFile(config: Config, page: ArtifactRef): Promise<string> {
  const { artifacts: place, local } = config;
  if (place.kind === 'directory') return withFileInside(place.path, page.uri, async (_, path) => path);
  const { artifacts } = await openArtifacts(config);
  const file = join(local.stateDir, 'reports', basename(page.uri));
  await mkdir(join(local.stateDir, 'reports'), { recursive: true });
  await writeFile(file, await artifacts.read(page));
  return file;
}

/** Another program may answer at that port, or a worker with other reports. */
async function servedAt({ port, token }: ReportSettings, uri: string): Promise<string | null> {
  const url = reportUrl(`http://127.0.0.1:${port}`, uri);
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const isServed = await fetch(url, { method: 'HEAD', headers, signal }).then(
    ({ ok }) => ok,
    () => false,
  );
  return isServed ? url : null;
}
