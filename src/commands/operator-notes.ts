import { approvalUpdate } from '../domain/names.ts';
import type { PipelineProgress } from '../domain/progress.ts';
import { commandText } from './shell-text.ts';

/** What a run waits for a person for, and the command that lets it go on. */
export function operatorNotes(
  workflowId: string,
  { isPaused, attention, steps }: Pick<PipelineProgress, 'isPaused' | 'attention' | 'steps'>,
): string[] {
  return [
    ...(isPaused ? [`paused: go on with "${resumeCommand(workflowId)}"`] : []),
    ...(attention === undefined
      ? []
      : [
          `needs attention: ${attention}`,
          ...(asksForApproval({ steps }) ? approvalCommands(workflowId) : repairCommands(workflowId)).map(
            (command) => `  ${command}`,
          ),
        ]),
  ];
}

/** Else the attention is for failed micro-batches of its stream. */
export function asksForApproval({ steps }: Pick<PipelineProgress, 'steps'>): boolean {
  return steps.some(({ step, state }) => step === 'promote' && state === 'running');
}

export function resumeCommand(workflowId: string): string {
  return commandText('imdb', 'resume', workflowId);
}

/** @param workflowId of a stream or its run */
export function repairCommands(workflowId: string): string[] {
  return [
    `try again: ${commandText('imdb', 'repair', workflowId, '--retry')}`,
    `leave out: ${commandText('imdb', 'repair', workflowId, '--skip')}`,
  ];
}

export function approvalCommands(workflowId: string): string[] {
  const update = ['temporal', 'workflow', 'update', 'execute', '--workflow-id', workflowId, '--name'];
  return [
    `approve: ${commandText(...update, approvalUpdate.approve)}`,
    `reject:  ${commandText(...update, approvalUpdate.reject)}`,
  ];
}
