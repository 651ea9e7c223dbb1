import { workflowInfo, type WorkflowInfo, type WorkflowInterceptors } from '@temporalio/workflow';
import { UNVERSIONED, type workflowType } from '../domain/names.ts';

type WorkflowType = keyof typeof workflowType;
type Behavior = 'PINNED' | 'AUTO_UPGRADE';

/** What has an end stays with the version of the workers that began it; what has none moves to the current version. */
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
 * Tells the server the behavior with each task, as the worker of that task must. `setWorkflowOptions` would decide it once,
 * by the worker of the first task: a workflow that was begun without versions could never get one, and one with a version
 * could not go on without, because the server refuses the answer of an unversioned worker that names a behavior.
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
