import { isGrpcServiceError, type Client } from '@temporalio/client';
import type { Config } from '../../config.ts';
import { PipelineError } from '../../domain/errors.ts';
import type { Logger } from '../logger.ts';

/** The server knows no versions of workers. */
export class VersioningUnsupported extends PipelineError {
  override readonly name = 'VersioningUnsupported';
}

/** gRPC: what the server answers without the feature, or with the feature turned off. */
const UNSUPPORTED = [7, 9, 12];
const NOT_FOUND = 5;

type DeploymentVersion = NonNullable<Config['deployment']>;

/**
 * Called before a versioned worker polls. Says what an operator has to do until new runs come to this version.
 *
 * @throws VersioningUnsupported
 */
export async function checkDeployment(
  client: Client,
  { deploymentName, buildId }: DeploymentVersion,
  logger: Logger,
): Promise<void> {
  const current = await readCurrentBuildId(client, deploymentName);
  if (current === buildId) return;
  const command = `temporal worker deployment set-current-version --deployment-name ${deploymentName} --build-id ${buildId}`;
  logger.warn(
    { deploymentName, buildId, current, command },
    'this version of the worker is not the current one: it gets no new runs until the command is given',
  );
}

/** @returns null when the deployment is new, or has no current version */
async function readCurrentBuildId(client: Client, deploymentName: string): Promise<string | null> {
  const { namespace } = client.options;
  try {
    const { workerDeploymentInfo } = await client.workflowService.describeWorkerDeployment({
      namespace,
      deploymentName,
    });
    return workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId ?? null;
  } catch (error) {
    if (!(error instanceof Error) || !isGrpcServiceError(error)) throw error;
    const code: number = error.code;
    if (code === NOT_FOUND) return null;
    if (!UNSUPPORTED.includes(code)) throw error;
    throw new VersioningUnsupported({
      what: 'the Temporal server does not support Worker Versioning for this worker',
      where: `namespace ${namespace}`,
      got: error.details,
      hint: 'Unset WORKER_DEPLOYMENT and WORKER_BUILD_ID, or upgrade the server: see docs/workers.md',
      cause: error,
    });
  }
}
