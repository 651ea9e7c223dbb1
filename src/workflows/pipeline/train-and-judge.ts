import { workflowInfo } from '@temporalio/workflow';
import type { ArtifactRef } from '../../domain/artifact.ts';
import { describeMetrics, type RegressionMetrics } from '../../domain/model/metrics.ts';
import type { ForestModel } from '../../domain/model/model.ts';
import { describeSplit, type PromotionResult } from '../../domain/registry/model-registry.ts';
import { registryWorkflowId } from '../../domain/names.ts';
import type { PipelineInput } from '../../domain/run/pipeline-input.ts';
import type { PipelineResult } from '../../domain/run/step-results.ts';
import { activities } from '../activities.ts';
import { rows } from '../labels.ts';
import { promote } from './promote.ts';
import type { Run } from './context.ts';
import { train } from './train.ts';

interface Splits {
  readonly train: ArtifactRef;
  /** As read back. */
  readonly batch: ArtifactRef;
  readonly keyColumn: string | null;
}

interface Judged {
  readonly model: ForestModel;
  readonly quality: NonNullable<PipelineResult['quality']>;
  readonly evaluated: RegressionMetrics;
  /** Undefined in a run of version 0.1. */
  readonly promotion: PromotionResult | undefined;
}

/** The steps train, evaluate and promote. */
export async function trainAndJudge(
  { forest, split, promotion }: PipelineInput,
  run: Run,
  { train: trainRows, batch, keyColumn }: Splits,
): Promise<Judged> {
  const { name, step } = run;
  const { outOfBag, importances, learning, ...model } = await step(
    'train',
    () => train(name, trainRows, forest),
    (result) =>
      `model ${result.version}, ${rows(result.artifact.bytes)} bytes` +
      (result.outOfBag ? `; out of bag: ${describeMetrics(result.outOfBag)}` : ''),
  );
  run.setAttributes({ ModelVersion: model.version });

  const { metrics, permutationImportances } = await step(
    'evaluate',
    () =>
      activities(`model ${model.version} on ${rows(batch.rows)} rows`).evaluateModel({
        run: name,
        model,
        forest,
        rows: batch,
      }),
    (result) => describeMetrics(result.metrics),
  );
  run.showMetrics('batch split', metrics);
  run.setAttributes({ Rmse: metrics.rmse });

  const candidate = {
    run: name,
    model,
    rows: batch,
    split: describeSplit(split, keyColumn),
    seed: forest.seed,
  };
  run.showWorkflow(
    `models called ${promotion.model}`,
    registryWorkflowId(workflowInfo().taskQueue, promotion.model),
  );
  const promoted = run.facts
    ? await step(
        'promote',
        () => promote(candidate, promotion, run.approval),
        ({ change, reason }) => `${change}: ${reason}`,
      )
    : undefined;
  if (promoted?.change === 'promoted') {
    await run.notify(
      'model.promoted',
      `model ${model.version} is the champion of ${promoted.model}: ${promoted.reason}`,
      {
        model: promoted.model,
        version: model.version,
        rmse: metrics.rmse,
      },
    );
  }
  const quality = { outOfBag, importances, ...(learning && { learning }), permutationImportances };
  return { model, quality, evaluated: metrics, promotion: promoted };
}
