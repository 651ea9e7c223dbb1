import { workflowInfo } from '@temporalio/workflow';
import type { ArtifactRef } from '../../domain/artifact.ts';
import { describeMetrics } from '../../domain/model/metrics.ts';
import type { TopicManifest } from '../../domain/log/offsets.ts';
import type { PipelineInput } from '../../domain/run/pipeline-input.ts';
import { reportUrl } from '../../domain/run/report-url.ts';
import type { PublishedRange, RunLineage, RunReport } from '../../domain/run/report.ts';
import type { PipelineResult, ScoreStreamResult } from '../../domain/run/step-results.ts';
import { workflowUrl } from '../../domain/run/ui-links.ts';
import type { WorkerFacts } from '../../domain/run/worker-facts.ts';
import { activities } from '../activities.ts';
import { rows } from '../labels.ts';
import type { Run } from './context.ts';

interface Reported {
  readonly settings: PipelineInput;
  readonly result: RunReport['result'];
  readonly manifests: { readonly batch: TopicManifest; readonly stream: TopicManifest };
  readonly scored: ScoreStreamResult;
  /** RatingTables. */
  readonly tables: { readonly batch: ArtifactRef; readonly stream: ArtifactRef };
  /** The batch split as read back. */
  readonly consumedBatch: ArtifactRef;
  /** Of the stream split. */
  readonly predictions: ArtifactRef;
}

/** The step report: JSON for programs, and a page for people, which a run of version 0.1 does without. */
export async function report(run: Run, reported: Reported): Promise<Pick<PipelineResult, 'report' | 'page'>> {
  const { result, tables, consumedBatch, predictions } = reported;
  const { name, facts } = run;
  const lineage = facts && lineageOf(run, facts, reported);
  const { model, metrics } = result;
  const written = await run.step(
    'report',
    async () => {
      const json = await activities(`model ${model.version}: ${describeMetrics(metrics.batch)}`).writeReport({
        ...{ run: name, result, predictions, stream: tables.stream },
        ...(lineage && { lineage }),
      });
      if (!lineage) return { report: json };
      const shown = `${rows(consumedBatch.rows + predictions.rows)} predictions, ${rows(result.batches)} micro-batches`;
      const page = await activities(shown).renderReport({
        ...{ run: name, report: json },
        batch: { consumed: consumedBatch, table: tables.batch },
        stream: { predictions, table: tables.stream },
      });
      return { report: json, page };
    },
    ({ report: json, page }) => (page ? `${rows(page.bytes)} bytes: ${page.uri}` : json.uri),
  );
  if (written.page && facts?.reportUrl) run.showLink('report', reportUrl(facts.reportUrl, written.page.uri));
  return written;
}

function lineageOf(run: Run, facts: WorkerFacts, { settings, manifests, scored }: Reported): RunLineage {
  const { workflowId, runId } = workflowInfo();
  return {
    ...{ workflowId, runId },
    url: workflowUrl(facts.uiUrl, workflowId, runId),
    version: facts.version,
    commit: facts.commit,
    asOf: run.asOf,
    input: settings,
    offsets: { batch: toRanges(manifests.batch), stream: toRanges(manifests.stream) },
    throughput: scored.throughput,
    seconds: run.seconds(),
  };
}

function toRanges({ partitions }: TopicManifest): readonly PublishedRange[] {
  return partitions.map(({ partition, offsetFrom, offsetTo, records }) => ({
    ...{ partition, offsetFrom, offsetTo, records },
  }));
}
