import type { Info } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { TimeoutFailure } from '@temporalio/common';
import { TROUBLE_SIGNAL } from '../../../domain/names.ts';
import type { Logger } from '../../logger.ts';
import type { TroubleChannel } from './reporter.ts';

/** The activity waits for it, so it ends soon. */
const TIMEOUT_MS = 5_000;

/** Never fails, because it must not replace the result or the failure of an activity. */
export function createTroubleChannel(client: Client, logger: Logger): TroubleChannel {
  async function ask<T>(
    { workflowExecution, activityType }: Info,
    call: (workflow: ReturnType<Client['workflow']['getHandle']>) => Promise<T>,
  ): Promise<T | undefined> {
    const { workflowId = '', runId } = workflowExecution ?? {};
    try {
      return await client.withDeadline(Date.now() + TIMEOUT_MS, () =>
        call(client.workflow.getHandle(workflowId, runId)),
      );
    } catch (error) {
      logger.warn({ error, workflowId, activityType }, 'cannot tell a workflow that its activity fails');
      return undefined;
    }
  }

  return {
    async report(info, trouble) {
      const isSent = await ask(info, async (workflow) => {
        await workflow.signal(TROUBLE_SIGNAL, info.activityId, trouble);
        return true;
      });
      return isSent ?? false;
    },

    async findLoss(info) {
      const description = await ask(info, (workflow) => workflow.describe());
      const activities = description?.raw.pendingActivities ?? [];
      const pending = activities.find(({ activityId }) => activityId === info.activityId);
      if (!pending?.lastFailure) return undefined;
      const { failureConverter, payloadConverter } = client.options.loadedDataConverter;
      const failure = failureConverter.failureToError(pending.lastFailure, payloadConverter);
      if (!(failure instanceof TimeoutFailure)) return undefined;
      return { message: failure.message, isSilence: failure.timeoutType === 'HEARTBEAT' };
    },
  };
}
