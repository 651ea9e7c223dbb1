import { workflowInfo } from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { runName, scheduledRun } from '../../domain/names.ts';
import type { PipelineInput } from '../../domain/run/pipeline-input.ts';
import { workflowUrl } from '../../domain/run/ui-links.ts';
import type { WorkerFacts } from '../../domain/run/worker-facts.ts';
import type { WorkflowContext } from '../context.ts';
import { createApproval, type Approval } from './approval.ts';
import { createStepTracker, type StepTracker } from './step-tracker.ts';

/** What all steps of a run share. */
export interface Run
  extends
    Pick<WorkflowContext, 'setAttributes' | 'notify'>,
    Pick<StepTracker, 'step' | 'seconds' | 'showMetrics' | 'showLink'> {
  /** See `runName`. */
  readonly name: string;
  /** With every default filled in. */
  readonly input: PipelineInput;
  /** Date of the data that the run is meant to see. */
  readonly asOf: string;
  readonly facts: WorkerFacts;
  readonly approval: Approval;
  readonly showWorkflow: (text: string, workflowId: string) => void;
}

const SCHEDULED_START = defineSearchAttributeKey(scheduledRun.startTime, SearchAttributeType.DATETIME);

export async function openRun(input: PipelineInput, context: WorkflowContext): Promise<Run> {
  const { workflowId, firstExecutionRunId, startTime, typedSearchAttributes } = workflowInfo();
  const { setAttributes, notify } = context;
  setAttributes({ PipelineState: 'Running' });
  // Handlers are set before anything is awaited: a signal may arrive with the start.
  const tracker = createStepTracker(input, context);
  const approval = createApproval((question) => {
    tracker.setAttention(question);
    if (question !== null) void notify('run.needs-attention', question);
  });
  const facts = await context.open();
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
    showWorkflow(text, id) {
      tracker.showLink(text, workflowUrl(facts.uiUrl, id));
    },
  };
}
