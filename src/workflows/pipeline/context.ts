import { workflowInfo } from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { runName, scheduledRun } from '../../domain/names.ts';
import type { RegressionMetrics } from '../../domain/model/metrics.ts';
import type { PipelineInput } from '../../domain/run/pipeline-input.ts';
import { runDetails } from '../../domain/run/run-details.ts';
import { workflowUrl } from '../../domain/run/ui-links.ts';
import { createApproval, type Approval } from './approval.ts';
import { createStepTracker, type StepTracker } from './step-tracker.ts';
import { openWorkflowContext, type WorkflowContext } from '../context.ts';

/** What all steps of a run have at hand. */
export interface Run extends WorkflowContext, Pick<StepTracker, 'step' | 'seconds'> {
  /** See `runName`. */
  readonly name: string;
  readonly approval: Approval;
  /** Date of the data that the run is meant to see. */
  readonly asOf: string;
  /** Shows metrics and links in the details as soon as they are known. */
  readonly showMetrics: (of: string, metrics: RegressionMetrics) => void;
  readonly showLink: (text: string, url: string) => void;
  readonly showWorkflow: (text: string, workflowId: string) => void;
}

const SCHEDULED_START = defineSearchAttributeKey(scheduledRun.startTime, SearchAttributeType.DATETIME);

export async function openRun(input: PipelineInput): Promise<Run> {
  const { workflowId, firstExecutionRunId, startTime, typedSearchAttributes } = workflowInfo();
  const metrics: (readonly [string, RegressionMetrics])[] = [];
  const links: (readonly [string, string])[] = [];
  // Handlers are set before anything is waited for: a signal may come with the start.
  const opened: { context?: WorkflowContext } = {};
  const { step, seconds, setAttention, show } = createStepTracker({
    describe: (progress) => runDetails(progress, { input, metrics, links }),
    onState: (PipelineState) => opened.context?.setAttributes({ PipelineState }),
    onStep: (PipelineStep) => opened.context?.setAttributes({ PipelineStep }),
  });
  const approval = createApproval((question) => {
    setAttention(question);
    if (question !== null) void opened.context?.notify('run.needs-attention', question);
  });
  const context = await openWorkflowContext();
  opened.context = context;
  context.setAttributes({ PipelineState: 'Running' });
  const showLink = (text: string, url: string): void => {
    links.push([text, url]);
    show();
  };
  const scheduledFor = typedSearchAttributes.get(SCHEDULED_START) ?? startTime;
  return {
    ...context,
    ...{ step, seconds, approval },
    name: runName(workflowId, firstExecutionRunId),
    asOf: input.dataset.asOf ?? scheduledFor.toISOString(),
    showMetrics(of, values) {
      metrics.push([of, values]);
    },
    showLink,
    showWorkflow(text, id) {
      if (context.facts) showLink(text, workflowUrl(context.facts.uiUrl, id));
    },
  };
}
