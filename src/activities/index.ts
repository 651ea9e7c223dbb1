import type { ArtifactStore } from './artifact-store.ts';
import { createAssembleForest } from './assemble-forest.ts';
import type { Calendar } from './calendar.ts';
import { createCommitProgress } from './commit-progress.ts';
import { createCompareModels } from './compare-models.ts';
import { createConsumeMicroBatch } from './consume-micro-batch.ts';
import { createConsumeSplit } from './consume-split.ts';
import type { DataDirectory } from './data-directory.ts';
import type { DataFrames } from './data-frames.ts';
import { createDescribeWorker, type WorkerSurroundings } from './describe-worker.ts';
import type { Digests } from './digests.ts';
import { createEvaluateModel } from './evaluate-model.ts';
import type { ForestEngine } from './forest-engine.ts';
import { createGrowTrees } from './grow-trees.ts';
import { createListOffsets } from './list-offsets.ts';
import { createLoadDataset } from './load-dataset.ts';
import { createModelCache } from './model-cache.ts';
import type { ModelRegistry } from './model-registry.ts';
import { createNotify, type Notifier } from './notify.ts';
import { createOpenStream } from './open-stream.ts';
import { createPredictMicroBatch } from './predict-micro-batch.ts';
import { createPrepareStream } from './prepare-stream.ts';
import { createProposeModel } from './propose-model.ts';
import { createPublishPredictions } from './publish-predictions.ts';
import { createPublishSplit } from './publish-split.ts';
import { createReconcileRun } from './reconcile-run.ts';
import type { RecordPublisher, RecordReader } from './record-log.ts';
import { createResolveModel } from './resolve-model.ts';
import { createRenderReport, type Plots } from './render-report.ts';
import { createSplitDataset } from './split-dataset.ts';
import { createStreamJobs } from './stream-jobs.ts';
import type { StreamLog } from './stream-log.ts';
import { createTrainForest } from './train-forest.ts';
import { createWriteReport } from './write-report.ts';

export interface ActivityDeps {
  readonly artifacts: ArtifactStore;
  readonly calendar: Calendar;
  readonly dataDirectory: DataDirectory;
  readonly digests: Digests;
  readonly engines: readonly ForestEngine[];
  readonly frames: DataFrames;
  readonly notifier: Notifier;
  readonly plots: Plots;
  readonly publisher: RecordPublisher;
  readonly reader: RecordReader;
  readonly registry: ModelRegistry;
  readonly streamLog: StreamLog;
  readonly surroundings: WorkerSurroundings;
}

/** All activities but the trainings; their names are what the Temporal UI shows. */
export function createActivities(deps: ActivityDeps) {
  const loadModel = createModelCache(deps.artifacts, deps.engines);
  const jobs = createStreamJobs(deps.artifacts);
  const scoring = { ...deps, loadModel, resolveModel: createResolveModel(deps.registry), jobs };
  return {
    loadDataset: createLoadDataset(deps),
    splitDataset: createSplitDataset(deps),
    publishSplit: createPublishSplit(deps),
    consumeSplit: createConsumeSplit(deps),
    evaluateModel: createEvaluateModel({ ...deps, loadModel }),
    consumeMicroBatch: createConsumeMicroBatch(scoring),
    predictMicroBatch: createPredictMicroBatch(scoring),
    publishPredictions: createPublishPredictions(scoring),
    prepareStream: createPrepareStream(scoring),
    openStream: createOpenStream(scoring),
    listOffsets: createListOffsets(deps),
    commitProgress: createCommitProgress(deps),
    reconcileRun: createReconcileRun(deps),
    writeReport: createWriteReport(deps),
    renderReport: createRenderReport({ ...deps, loadModel }),
    compareModels: createCompareModels({ ...deps, loadModel }),
    proposeModel: createProposeModel(deps),
    describeWorker: createDescribeWorker(deps),
    notify: createNotify(deps),
  };
}

/** What takes all cores for a while: on a task queue of its own, see `trainingTaskQueue`. */
export function createTrainingActivities(deps: Pick<ActivityDeps, 'artifacts' | 'engines'>) {
  return {
    trainForest: createTrainForest(deps),
    growTrees: createGrowTrees(deps),
    assembleForest: createAssembleForest(deps),
  };
}

export type Activities = ReturnType<typeof createActivities>;
export type TrainingActivities = ReturnType<typeof createTrainingActivities>;
