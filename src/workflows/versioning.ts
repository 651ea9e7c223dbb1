import { workflowInfo, type WorkflowInfo, type WorkflowInterceptors } from '@temporalio/workflow';
import { UNVERSIONED, type workflowType } from '../domain/names.ts';

type WorkflowType = keyof typeof workflowType;
type Behavior = 'PINNED' | 'AUTO_UPGRADE';

/** Workflows that end stay with the version that began them; those without an end move to the current version. */
const BEHAVIORS: Readonly<Record<WorkflowType, Behavior | ((info: WorkflowInfo) => Behavior)>> = {
  ratingPipeline: 'PINNED',
  scoreMicroBatch: 'PINNED',
  artifactsGc: 'PINNED',
  modelRegistry: 'AUTO_UPGRADE',
  notifications: 'AUTO_UPGRADE',
  // A run's stream has a parent and an end.
  scoreStream: ({ parent }) => (parent ? 'PINNED' : 'AUTO_UPGRADE'),
};

/** The SDK's state of a workflow. */
interface Activator {
  versioningBehavior?: Behavior | undefined;
}

/**
 * Tells the server the behavior with each workflow task. `setWorkflowOptions` decides it once, by the first task: a workflow
 * begun without versions would be pinned to the first version that continues it, and one begun with a version could not
 * continue on unversioned workers, because the server refuses a behavior from them.
 */
export const interceptors = (): WorkflowInterceptors => ({
  internals: [
    {
      activate(input, next) {
        const info = workflowInfo();
        const { deploymentName = UNVERSIONED } = info.currentDeploymentVersion ?? {};
        const behavior = BEHAVIORS[info.workflowType as WorkflowType];
        activatorOf(globalThis).versioningBehavior =
          deploymentName === UNVERSIONED
            ? undefined
            : typeof behavior === 'function'
              ? behavior(info)
              : behavior;
        next(input);
      },
    },
  ],
});

function activatorOf(scope: object): Activator {
  return (scope as { readonly __TEMPORAL_ACTIVATOR__: Activator }).__TEMPORAL_ACTIVATOR__;
}
