import type { ArtifactRef } from '../../domain/artifact.ts';
import type { ForestModel } from '../../domain/model/model.ts';
import type { ModelProposal, PromotionResult } from '../../domain/registry/model-registry.ts';
import type { PromotionOptions } from '../../domain/registry/promotion-options.ts';
import { activities } from '../activities.ts';
import type { Approval } from './approval.ts';
import { rows } from '../labels.ts';

export interface Candidate {
  readonly run: string;
  readonly model: ForestModel;
  /** The batch split as read back. */
  readonly rows: ArtifactRef;
  /** See `describeSplit`. */
  readonly split: string;
  readonly seed: number;
}

/**
 * Compares the run's model with the champion and, if it may take its place and nobody objects, makes it champion.
 * Whatever comes of it is an entry in the registry. Begins again when another run was faster.
 */
export async function promote(
  candidate: Candidate,
  promotion: PromotionOptions,
  approval: Approval,
): Promise<PromotionResult> {
  const { run, model, rows: batch, split, seed } = candidate;
  for (;;) {
    const proposal = await activities(
      `model ${model.version} against the champion on ${rows(batch.rows)} rows`,
    ).compareModels({
      ...{ run, rows: batch, split, seed, promotion },
      model: { version: model.version, artifact: model.artifact },
    });
    const final = await withApproval(proposal, promotion, approval);
    const outcome = await activities(`model ${model.version}: ${final.verdict}`).proposeModel({
      name: promotion.model,
      proposal: final,
    });
    if (outcome.kind === 'stale') continue;
    const { change, reason, champion } = outcome.entry;
    return { model: promotion.model, change, reason, champion, comparison: proposal.comparison };
  }
}

async function withApproval(
  proposal: ModelProposal,
  { approval: wanted, approvalTimeoutHours, model: name }: PromotionOptions,
  approval: Approval,
): Promise<ModelProposal> {
  if (wanted === 'auto' || proposal.verdict !== 'promote') return proposal;
  const { model, reason } = proposal;
  const question = `may model ${model.version} become the champion of ${name}? ${reason}`;
  const answer = await approval.ask(question, approvalTimeoutHours);
  if (answer?.isApproved)
    return { ...proposal, isApproved: true, reason: `approved${noteOf(answer.note)}; ${reason}` };
  const why = answer
    ? `rejected${noteOf(answer.note)}`
    : `nobody approved it within ${approvalTimeoutHours} h`;
  return { ...proposal, verdict: 'reject', reason: `${why}; ${reason}` };
}

function noteOf(note: string): string {
  return note === '' ? '' : ` (${note})`;
}
