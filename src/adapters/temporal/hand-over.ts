import type { Context, Info } from '@temporalio/activity';
import { decodePendingActivityState, type Client } from '@temporalio/client';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../logger.ts';

/** Time to reset the activity before its next attempt; it waits so long when the server refuses the reset. */
const RETRY_DELAY = '5 seconds';
const LIMIT_MS = 4_000;
const INTERVAL_MS = 50;

export interface HandOver {
  readonly interceptor: ActivityInterceptorsFactory;
  /** Settles when everything is handed over. Needs the connection of the worker. */
  settled(): Promise<void>;
}

/**
 * Gives the activities that a stopping worker could not finish to another one. Temporal counts an attempt that its worker
 * ends as failed; its reset makes the next one the first attempt again, at once.
 */
export function createHandOver(client: Client, logger: Logger): HandOver {
  const handOvers: Promise<void>[] = [];

  async function handOver({ workflowExecution, activityId, activityType }: Info): Promise<void> {
    const { workflowId = '', runId = '' } = workflowExecution ?? {};
    const limitMs = Date.now() + LIMIT_MS;
    try {
      await client.withDeadline(limitMs, async () => {
        while (!(await isWaiting(client, { workflowId, runId, activityId }))) await sleep(INTERVAL_MS);
        const { namespace, identity } = client.options;
        const execution = { workflowId, runId };
        await client.workflowService.resetActivity({ namespace, execution, identity, id: activityId });
      });
    } catch (error) {
      logger.warn(
        { error, workflowId, activityType },
        'an activity could not be handed over: its next attempt counts as the second',
      );
    }
  }

  return {
    interceptor: (context) => ({
      inbound: {
        async execute(input, next) {
          try {
            return await next(input);
          } catch (error) {
            if (!isLeft(context)) throw error;
            handOvers.push(handOver(context.info));
            throw handedOver();
          }
        },
      },
    }),
    async settled() {
      await Promise.all(handOvers);
    },
  };
}

/** A later attempt has failed before, so its history shows a failure anyway; its count must not be lost. */
function isLeft({ info, cancellationDetails }: Context): boolean {
  const { workerShutdown, cancelRequested } = cancellationDetails ?? {};
  return workerShutdown === true && cancelRequested !== true && !info.isLocal && info.attempt === 1;
}

/** Without its cause, which only says that the attempt was cancelled. */
function handedOver(): ApplicationFailure {
  return ApplicationFailure.create({
    message: 'the worker stops and hands this activity over to another one',
    type: 'WorkerShutdown',
    nextRetryDelay: RETRY_DELAY,
    category: ApplicationFailureCategory.BENIGN,
  });
}

/** The server knows that the attempt has ended. @throws when it does not wait for another one */
async function isWaiting(
  client: Client,
  { workflowId, runId, activityId }: Record<'workflowId' | 'runId' | 'activityId', string>,
): Promise<boolean> {
  const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
  const pending = raw.pendingActivities?.find((activity) => activity.activityId === activityId);
  if (!pending) throw new Error(`${workflowId} no longer waits for it`);
  if (Number(pending.attempt) > 2) throw new Error('another worker has begun it already');
  return decodePendingActivityState(pending.state) === 'SCHEDULED';
}
