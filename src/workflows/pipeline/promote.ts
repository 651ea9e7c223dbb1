import { workflowInfo } from '@temporalio/workflow';
import { describeDrift } from '../../domain/dataset/quality/drift.ts';
import { registryWorkflowId } from '../../domain/names.ts';
import {
  describeSplit,
  type ModelProposal,
  type ModelSplit,
  type PromotionResult,
} from '../../domain/registry/model-registry.ts';
import type {
  ConsumeSplitResult,
  EvaluateModelResult,
  SplitDatasetResult,
} from '../../domain/run/step-results.ts';
import { rows } from '../labels.ts';
import type { Run } from './context.ts';
import type { Loaded } from './report.ts';
import type { Trained } from './train.ts';

interface Judged extends Loaded, Pick<Trained, 'model'> {
  readonly parts: SplitDatasetResult;
  readonly consumed: ConsumeSplitResult;
  readonly evaluated: EvaluateModelResult;
}

export async function promote(run: Run, judged: Judged): Promise<PromotionResult> {
  const { model, evaluated } = judged;
  const { model: name } = run.input.promotion;
  run.showWorkflow(`models called ${name}`, registryWorkflowId(workflowInfo().taskQueue, name));
  const promotion = await run.step('promote', {
    call: () => challengeChampion(run, judged),
    result: ({ change, reason }) => `${change}: ${reason}`,
  });
  const { change, reason, champion } = promotion;
  const isPromoted = change === 'promoted';
  const what =
    isPromoted || change === 'unchanged'
      ? `${isPromoted ? 'is' : 'stays'} the champion of ${name}`
      : `is not the champion of ${name}, which stays ${champion ?? 'without one'} (${change})`;
  await run.notify(
    isPromoted ? 'model.promoted' : 'model.kept',
    `model ${model.version} ${what}: ${reason}; ${describeDrift(judged.checked.drift)}`,
    { model: name, version: model.version, rmse: evaluated.metrics.rmse, change },
  );
  return promotion;
}

/**
 * Compares the run's model with the champion and promotes it if it is not worse and no operator rejects it. The registry
 * records every outcome. Compares again when another run has changed the champion meanwhile.
 */
async function challengeChampion(run: Run, judged: Judged): Promise<PromotionResult> {
  const {
    model,
    checked: { profile },
    loaded: { keyCandidates },
    consumed: { rows: batch },
  } = judged;
  const { forest, promotion } = run.input;
  for (;;) {
    const proposal = await run
      .activities(`model ${model.version} against the champion on ${rows(batch.rows)} rows`)
      .compareModels({
        run: run.name,
        model: { version: model.version, artifact: model.artifact },
        profile,
        rows: batch,
        split: splitOf(run, judged),
        keyCandidates,
        seed: forest.seed,
        promotion,
      });
    const final = await withApproval(proposal, run);
    const outcome = await run.activities(`model ${model.version}: ${final.verdict}`).proposeModel({
      name: promotion.model,
      proposal: final,
    });
    if (outcome.kind === 'stale') continue;
    const { change, reason, champion } = outcome.entry;
    return { model: promotion.model, change, reason, champion, comparison: proposal.comparison };
  }
}

function splitOf({ input }: Run, { loaded, parts }: Judged): ModelSplit {
  const { keyColumn, keyless, rows: counts } = loaded;
  return {
    rule: describeSplit(input.split, keyColumn),
    sha256: parts.sha256,
    keyless: keyless / (counts.loaded - counts.bad),
  };
}

async function withApproval(
  proposal: ModelProposal,
  { approval, input: { promotion } }: Run,
): Promise<ModelProposal> {
  if (promotion.approval === 'auto' || proposal.verdict !== 'promote') return proposal;
  const { model, reason } = proposal;
  const { approvalTimeoutHours: hours } = promotion;
  const question = `may model ${model.version} become the champion of ${promotion.model}? ${reason}`;
  const answer = await approval.ask(question, hours);
  if (!answer) return { ...proposal, verdict: 'reject', reason: `not approved within ${hours} h; ${reason}` };
  const note = answer.note === '' ? '' : ` (${answer.note})`;
  return answer.isApproved
    ? { ...proposal, isApproved: true, reason: `approved${note}; ${reason}` }
    : { ...proposal, verdict: 'reject', reason: `rejected${note}; ${reason}` };
}
