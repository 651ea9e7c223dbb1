import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import {
  ActivityCancellationType,
  CancellationScope,
  isCancellation,
  log,
  patched,
  proxyLocalActivities,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { NotificationType, Notification } from '../domain/notification.ts';
import type { SearchAttributeValues } from '../domain/search-attributes.ts';
import type { WorkerFacts } from '../domain/worker-facts.ts';
import { notifications } from './activities.ts';

/** Since version 0.2; runs that began before go on without. */
const SURROUNDINGS = 'surroundings';

const { describeWorker } = proxyLocalActivities<Activities>({
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '1 minute',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});

const attributeKeys = {
  PipelineState: defineSearchAttributeKey('PipelineState', SearchAttributeType.KEYWORD),
  PipelineStep: defineSearchAttributeKey('PipelineStep', SearchAttributeType.KEYWORD),
  DatasetSha: defineSearchAttributeKey('DatasetSha', SearchAttributeType.KEYWORD),
  ModelVersion: defineSearchAttributeKey('ModelVersion', SearchAttributeType.KEYWORD),
  Rmse: defineSearchAttributeKey('Rmse', SearchAttributeType.DOUBLE),
  RowsScored: defineSearchAttributeKey('RowsScored', SearchAttributeType.INT),
} as const;

export interface Surroundings {
  /** Undefined in a run of version 0.1. */
  readonly facts: WorkerFacts | undefined;
  /** Makes the workflow findable by these values; nothing where the namespace does not know the attributes. */
  readonly find: (values: SearchAttributeValues) => void;
  /** Tells whoever wants to know. Never fails: a run goes on without. */
  readonly notify: (type: NotificationType, message: string, facts?: Notification['facts']) => Promise<void>;
}

/** Asks the worker where it is, and leaves in the memo which code began this workflow. */
export async function openSurroundings(): Promise<Surroundings> {
  const facts = patched(SURROUNDINGS) ? await describeWorker() : undefined;
  if (facts) upsertMemo({ version: facts.version, commit: facts.commit ?? 'unknown' });
  let told = 0;

  return {
    facts,
    find(values) {
      if (!facts?.hasSearchAttributes) return;
      upsertSearchAttributes(toUpdates(values));
    },
    async notify(type, message, more = {}) {
      if (!facts?.notifies) return;
      const { workflowId, runId } = workflowInfo();
      told += 1;
      const id = `${workflowId}/${runId}/${told}`;
      const notification = {
        ...{ type, id, workflowId, runId, message, facts: more },
        time: new Date().toISOString(),
      };
      try {
        await notifications(`${type} ${told}`).notify(notification);
      } catch (error) {
        if (isCancellation(error)) throw error;
        log.warn('nobody took a notification', { type, id });
      }
    },
  };
}

/** Also while a workflow is being cancelled. */
export function evenIfCancelled(work: () => Promise<void>): Promise<void> {
  return CancellationScope.nonCancellable(work);
}

function toUpdates(values: SearchAttributeValues) {
  const { PipelineState, PipelineStep, DatasetSha, ModelVersion, Rmse, RowsScored } = values;
  const {
    PipelineState: state,
    PipelineStep: step,
    DatasetSha: dataset,
    ModelVersion: model,
  } = attributeKeys;
  return [
    ...(PipelineState === undefined ? [] : [{ key: state, value: PipelineState }]),
    ...(PipelineStep === undefined ? [] : [{ key: step, value: PipelineStep }]),
    ...(DatasetSha === undefined ? [] : [{ key: dataset, value: DatasetSha }]),
    ...(ModelVersion === undefined ? [] : [{ key: model, value: ModelVersion }]),
    ...(Rmse === undefined ? [] : [{ key: attributeKeys.Rmse, value: Rmse }]),
    ...(RowsScored === undefined ? [] : [{ key: attributeKeys.RowsScored, value: RowsScored }]),
  ];
}
