import type { Client } from '@temporalio/client';
import type { TemporalSettings } from '../../config.ts';
import { findRunStreamOrBatch, statusOf, withClient } from '../shared/client.ts';
import { runUrl } from '../shared/links.ts';
import { type JsonOption, print, printJson } from '../shared/output.ts';
import { severity } from '../shared/waiting.ts';
import { findBlockers } from './blockers.ts';
import type { Diagnosis, Finding } from './diagnosis.ts';
import { findEnding } from './ending.ts';
import { findRemedies } from './remedies.ts';
import { diagnosisText } from './text.ts';

/** Ends with exit code 0 whatever it finds, because the command did its work. */
export async function explain(workflowId: string, options: JsonOption): Promise<void> {
  await withClient(async (client, { temporal }) => {
    const now = new Date().toISOString();
    const diagnosis = await diagnose(client, temporal, workflowId, now);
    print(diagnosisText(diagnosis, now), options);
    printJson(diagnosis, options);
  });
}

/**
 * Why a run, a stream or a micro-batch does not continue, or how it ended.
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
  const ending = status === 'running' ? undefined : await findEnding(client, found);
  const findings = status === 'running' ? await findBlockers(client, found, now) : ending ? [ending] : [];
  return {
    workflowId,
    runId,
    workflowType: type,
    status,
    startedAt: startTime.toISOString(),
    closedAt: closeTime?.toISOString() ?? null,
    uiUrl: runUrl(temporal, workflowId, runId),
    findings: worstFirst(findings),
    remedies: ending ? await findRemedies(client, found, ending) : [],
  };
}

const WORST_FIRST = [
  'no worker',
  'stuck',
  'needs attention',
  'end',
  'paused',
  'waiting',
  'activity',
] as const;

/** A task queue without a worker holds up a run and its stream alike; it is named once. */
function worstFirst(findings: readonly Finding[]): Finding[] {
  const queues = new Set<string>();
  return findings
    .filter((finding) => {
      if (finding.kind !== 'no worker') return true;
      const isNew = !queues.has(finding.taskQueue);
      queues.add(finding.taskQueue);
      return isNew;
    })
    .sort(
      (a, b) =>
        WORST_FIRST.indexOf(a.kind) - WORST_FIRST.indexOf(b.kind) ||
        activitySeverity(b) - activitySeverity(a),
    );
}

function activitySeverity(finding: Finding): number {
  return finding.kind === 'activity' ? severity(finding) : 0;
}
