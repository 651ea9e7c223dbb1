import type { Role } from '../domain/roles.ts';
import { roleOfActivity } from '../domain/run/steps.ts';
import type { ArtifactInventory, ArtifactStore } from './artifact-store.ts';
import { createAssembleForest } from './training/assemble-forest.ts';
import type { Calendar } from './dataset/calendar.ts';
import { createCheckDataset } from './dataset/check-dataset.ts';
import { createCollectArtifacts, type References } from './retention/collect-artifacts.ts';
import { createCommitProgress } from './scoring/commit-progress.ts';
import { createCompareModels } from './registry/compare-models.ts';
import { createConsumeMicroBatch } from './scoring/consume-micro-batch.ts';
import { createConsumeSplit } from './log/consume-split.ts';
import type { DataDirectory } from './dataset/data-directory.ts';
import type { DatasetReader } from './dataset/dataset-reader.ts';
import { createDescribeWorker, type WorkerDescriber } from './run/describe-worker.ts';
import type { Digests } from './log/digests.ts';
import { createEvaluateModel } from './training/evaluate-model.ts';
import type { ForestEngine } from './training/forest-engine.ts';
import { createFindPlace, type RunPlaces } from './run/find-place.ts';
import { createFindWorker, type WorkerSearch } from './run/find-worker.ts';
import { createGrowTrees } from './training/grow-trees.ts';
import { createListOffsets } from './scoring/list-offsets.ts';
import { createLoadDataset } from './dataset/load-dataset.ts';
import { createModelCache } from './training/model-cache.ts';
import type { ModelRegistry } from './registry/model-registry.ts';
import {
  createNotify,
  createSendNotification,
  type NotificationOutbox,
  type Notifier,
} from './notification/notify.ts';
import { createOpenStream } from './scoring/open-stream.ts';
import { createPredictMicroBatch } from './scoring/predict-micro-batch.ts';
import { createPrepareStream } from './scoring/prepare-stream.ts';
import { createProposeModel } from './registry/propose-model.ts';
import { createPublishPredictions } from './scoring/publish-predictions.ts';
import { createPublishSplit } from './log/publish-split.ts';
import { createReconcileRun } from './run/reconcile-run.ts';
import type { RecordPacker } from './log/record-packer.ts';
import type { RecordPublisher, RecordReader } from './log/record-log.ts';
import { createResolveModel } from './scoring/resolve-model.ts';
import { createRenderReport, type Plots } from './run/render-report.ts';
import { createSplitDataset } from './dataset/split-dataset.ts';
import { createStreamJobs } from './scoring/stream-jobs.ts';
import type { StreamLog } from './scoring/stream-log.ts';
import type { SchemaRegistry } from './log/schema-registry.ts';
import type { Tables } from './tables.ts';
import { createTrainForest } from './training/train-forest.ts';
import { createFollowInMlflow } from './tracking/follow-in-mlflow.ts';
import { createLogToMlflow, type ModelExport } from './tracking/log-to-mlflow.ts';
import { createOpenMlflowRun } from './tracking/open-mlflow-run.ts';
import type { RunTracker } from './tracking/run-tracker.ts';
import { createWriteReport } from './run/write-report.ts';

export interface ActivityDeps {
  readonly artifacts: ArtifactStore;
  readonly calendar: Calendar;
  readonly dataDirectory: DataDirectory;
  readonly datasets: DatasetReader;
  readonly digests: Digests;
  readonly engines: readonly ForestEngine[];
  readonly inventory: ArtifactInventory;
  readonly modelExport: ModelExport;
  readonly notifier: Notifier;
  readonly outbox: NotificationOutbox;
  readonly packer: RecordPacker;
  readonly plots: Plots;
  readonly publisher: RecordPublisher;
  readonly reader: RecordReader;
  readonly references: References;
  readonly registry: ModelRegistry;
  readonly runPlaces: RunPlaces;
  /** Undefined for a worker without one. */
  readonly schemas: SchemaRegistry | undefined;
  readonly streamLog: StreamLog;
  readonly tables: Tables;
  readonly tracker: RunTracker;
  readonly describer: WorkerDescriber;
  readonly workerSearch: WorkerSearch;
}

/** Their names are what the Temporal UI shows; which worker takes which says `domain/run/steps.ts`. */
export function createActivities(deps: ActivityDeps) {
  const loadModel = createModelCache(deps.artifacts, deps.engines);
  const jobs = createStreamJobs(deps.artifacts);
  const scoring = { ...deps, loadModel, resolveModel: createResolveModel(deps.registry), jobs };
  return {
    loadDataset: createLoadDataset(deps),
    checkDataset: createCheckDataset(deps),
    splitDataset: createSplitDataset(deps),
    publishSplit: createPublishSplit(deps),
    consumeSplit: createConsumeSplit(deps),
    trainForest: createTrainForest(deps),
    growTrees: createGrowTrees(deps),
    assembleForest: createAssembleForest(deps),
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
    openMlflowRun: createOpenMlflowRun(deps),
    logToMlflow: createLogToMlflow(deps),
    followInMlflow: createFollowInMlflow(deps),
    compareModels: createCompareModels({ ...deps, loadModel }),
    proposeModel: createProposeModel(deps),
    collectArtifacts: createCollectArtifacts(deps),
    describeWorker: createDescribeWorker(deps),
    findPlace: createFindPlace(deps),
    findWorker: createFindWorker(deps),
    notify: createNotify(deps),
    sendNotification: createSendNotification(deps),
  };
}

export type Activities = ReturnType<typeof createActivities>;

/** Those that a worker with these roles takes. */
export function activitiesOf(roles: readonly Role[], all: Activities): Partial<Activities> {
  const isTaken = (name: string): boolean => roles.some((role) => role === roleOfActivity(name));
  return Object.fromEntries(Object.entries(all).filter(([name]) => isTaken(name)));
}
