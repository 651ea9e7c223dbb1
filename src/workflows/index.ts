import { setWorkflowOptions, workflowInfo } from '@temporalio/workflow';
import { UNVERSIONED } from '../domain/names.ts';
import { artifactsGc } from './artifacts-gc.ts';
import { modelRegistry } from './model-registry.ts';
import { notifications } from './notifications.ts';
import { ratingPipeline } from './rating-pipeline.ts';
import { scoreMicroBatch } from './score-micro-batch.ts';
import { scoreStream } from './score-stream.ts';

type Behavior = 'PINNED' | 'AUTO_UPGRADE';

/** The server refuses the answer of a worker that names a behavior and has no version. */
const behavesAs = (behavior: () => Behavior) => () => {
  const { deploymentName = UNVERSIONED } = workflowInfo().currentDeploymentVersion ?? {};
  return deploymentName === UNVERSIONED ? {} : { versioningBehavior: behavior() };
};
const pinned = behavesAs(() => 'PINNED');
const autoUpgrade = behavesAs(() => 'AUTO_UPGRADE');

// What has an end stays with the version of the workers that began it; what has none moves to the current version.
setWorkflowOptions(pinned, ratingPipeline);
setWorkflowOptions(pinned, scoreMicroBatch);
setWorkflowOptions(pinned, artifactsGc);
setWorkflowOptions(autoUpgrade, modelRegistry);
setWorkflowOptions(autoUpgrade, notifications);
setWorkflowOptions(
  behavesAs(() => (workflowInfo().parent ? 'PINNED' : 'AUTO_UPGRADE')),
  scoreStream,
);

export { artifactsGc, modelRegistry, notifications, ratingPipeline, scoreMicroBatch, scoreStream };
