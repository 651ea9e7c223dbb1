import { upsertMemo, workflowInfo } from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { runName, scheduledRun } from '../../domain/names.ts';
import {
  parsePipelineInput,
  type PipelineInput,
  type PipelineInputJson,
} from '../../domain/run/pipeline-input.ts';
import { workflowUrl } from '../../domain/run/ui-links.ts';
import type { WorkerFacts } from '../../domain/run/worker-facts.ts';
import { activities } from '../activities.ts';
import type { WorkflowContext } from '../context.ts';
import { orFail } from '../failure.ts';
import { createApproval, type Approval } from './approval.ts';
import type { StepTracker } from './step-tracker.ts';

/** What all steps of a run share. */
export interface Run
  extends
    Pick<WorkflowContext, 'setAttributes' | 'notify'>,
    Pick<StepTracker, 'step' | 'watch' | 'seconds' | 'setWaiting' | 'show' | 'showLink' | 'showMetrics'> {
  /** See `runName`. */
  readonly name: string;
  /** With every default filled in. */
  readonly input: PipelineInput;
  /** Date of the data that the run is meant to see. */
  readonly asOf: string;
  readonly facts: WorkerFacts;
  readonly approval: Approval;
  /** Calls of the current step. */
  readonly activities: typeof activities;
  readonly showWorkflow: (text: string, workflowId: string) => void;
}

const SCHEDULED_START = defineSearchAttributeKey(scheduledRun.startTime, SearchAttributeType.DATETIME);

/** @throws InvalidInput as ApplicationFailure */
export async function openRun(
  given: PipelineInputJson | undefined,
  context: WorkflowContext,
  tracker: StepTracker,
): Promise<Run> {
  const { workflowId, firstExecutionRunId, startTime, typedSearchAttributes } = workflowInfo();
  const { setAttributes, notify } = context;
  // Handlers are set before anything is awaited: a signal may arrive with the start.
  const approval = createApproval((question) => {
    tracker.setAttention(question);
    if (question !== null) void notify('run.needs-attention', question);
  });
  const facts = await context.open();
  tracker.show({ served: facts.reportUrl });
  if (facts.mlflow) tracker.addStep('log to mlflow');
  const input = orFail(() => parsePipelineInput(given));
  tracker.show({ input });
  upsertMemo({ input });
  const scheduledFor = typedSearchAttributes.get(SCHEDULED_START) ?? startTime;
  return {
    name: runName(workflowId, firstExecutionRunId),
    input,
    asOf: input.dataset.asOf ?? scheduledFor.toISOString(),
    facts,
    approval,
    setAttributes,
    notify,
    ...tracker,
    activities: (summary) => activities(summary, tracker.watch),
    showWorkflow(text, id) {
      tracker.showLink(text, workflowUrl(facts.uiUrl, id));
    },
  };
}
