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
import type { NotificationType, Notification } from '../domain/run/notification.ts';
import type { SearchAttributeValues } from '../domain/run/search-attributes.ts';
import type { WorkerFacts } from '../domain/run/worker-facts.ts';
import { notifications } from './activities.ts';
import { rootCause } from './failure.ts';

/** Since version 0.2; runs that began before go on without. */
const CONTEXT = 'surroundings';

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

export interface WorkflowContext {
  /** Undefined in a run of version 0.1. */
  readonly facts: WorkerFacts | undefined;
  /** Makes the workflow findable by these values; nothing where the namespace does not know the attributes. */
  readonly setAttributes: (values: SearchAttributeValues) => void;
  /** Tells whoever wants to know. Never fails: a run goes on without. */
  readonly notify: (type: NotificationType, message: string, facts?: Notification['facts']) => Promise<void>;
}

/** Asks the worker where it is, and leaves in the memo which code began this workflow. */
export async function openWorkflowContext(): Promise<WorkflowContext> {
  const facts = patched(CONTEXT) ? await describeWorker() : undefined;
  if (facts) upsertMemo({ version: facts.version, commit: facts.commit ?? 'unknown' });
  if (facts?.hasSearchAttributes) clearInheritedAttributes();
  let told = 0;

  return {
    facts,
    setAttributes(values) {
      if (facts?.hasSearchAttributes) upsertSearchAttributes(toUpdates(values));
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
      } catch {
        // Also when it was cancelled: whoever waits for nothing must not be surprised by a rejection.
        log.warn('nobody took a notification', { type, id });
      }
    },
  };
}

/** Leaves a workflow findable as failed or cancelled, and tells of a failure; also while it is being cancelled. */
export async function recordEnd({ setAttributes, notify }: WorkflowContext, error: unknown): Promise<void> {
  const isCancelled = isCancellation(error);
  setAttributes({ PipelineState: isCancelled ? 'Cancelled' : 'Failed' });
  // A run tells of its own failure, which that of its stream becomes.
  const isAlone = workflowInfo().parent === undefined;
  if (isCancelled || !isAlone) return;
  await CancellationScope.nonCancellable(() => notify('run.failed', rootCause(error)));
}

/** The UI's start form copies the search attributes of the newest run, which say nothing about this one. */
function clearInheritedAttributes(): void {
  const { typedSearchAttributes, continuedFromExecutionRunId } = workflowInfo();
  if (continuedFromExecutionRunId !== undefined) return;
  const isCopied = typedSearchAttributes.getAll().some(({ key }) => key.name in attributeKeys);
  if (!isCopied) return;
  const nothing = { DatasetSha: null, ModelVersion: null, Rmse: null, RowsScored: null };
  upsertSearchAttributes(toUpdates({ ...nothing, PipelineState: null, PipelineStep: null }));
}

type Forgettable<T> = { readonly [K in keyof T]: T[K] | null };

function toUpdates(values: Forgettable<SearchAttributeValues>) {
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
