import type { Client } from '@temporalio/client';
import type { TemporalSettings } from '../../config.ts';
import { diagnoseClosed } from './diagnose-closed.ts';
import { diagnoseOpen } from './diagnose-open.ts';
import type { Diagnosis, Finding } from './diagnosis.ts';
import { findRunStreamOrBatch, statusOf } from '../shared/client.ts';
import { runUrl } from '../shared/links.ts';
import { findRemedies } from './remedies.ts';

/**
 * Why a run, a stream or a micro-batch does not go on, or ended as it did.
 *
 * @throws UsageError when it is none of these
 */
export async function diagnose(
  client: Client,
  temporal: TemporalSettings,
  workflowId: string,
  now = new Date().toISOString(),
): Promise<Diagnosis> {
  const found = await findRunStreamOrBatch(client, workflowId);
  const { runId, type, startTime, closeTime } = found.description;
  const status = statusOf(found);
  const ends = status === 'running' ? [] : await diagnoseClosed(client, found);
  const findings = status === 'running' ? await diagnoseOpen(client, found, now) : ends;
  return {
    workflowId,
    runId,
    workflowType: type,
    status,
    startedAt: startTime.toISOString(),
    closedAt: closeTime?.toISOString() ?? null,
    uiUrl: runUrl(temporal, workflowId, runId),
    findings: worstFirst(findings),
    remedies: await findRemedies(client, found, ends[0]),
  };
}

const SEVERITY = ['no worker', 'stuck', 'needs attention', 'end', 'paused', 'activity'] as const;

/** A queue that nobody polls holds up a run and its stream alike; it is said once. */
function worstFirst(findings: readonly Finding[]): Finding[] {
  const queues = new Set<string>();
  return findings
    .filter((finding) => {
      if (finding.kind !== 'no worker') return true;
      const isNew = !queues.has(finding.taskQueue);
      queues.add(finding.taskQueue);
      return isNew;
    })
    .sort((a, b) => SEVERITY.indexOf(a.kind) - SEVERITY.indexOf(b.kind) || trouble(b) - trouble(a));
}

/** Of activities: what has failed before comes first, what just runs last. */
function trouble(finding: Finding): number {
  if (finding.kind !== 'activity') return 0;
  return (finding.failure ? 2 : 0) + (finding.state === 'running' ? 0 : 1);
}
