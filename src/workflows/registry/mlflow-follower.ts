import { isCancellation } from '@temporalio/workflow';
import type { Followed } from '../../activities/tracking/run-tracker.ts';
import { toProse } from '../../domain/markdown.ts';
import type { RegistryEntry } from '../../domain/registry/model-registry.ts';
import type { RegistryLedger } from '../../domain/registry/registry-ledger.ts';
import { isRetried } from '../../domain/run/advice.ts';
import { describeTrouble } from '../../domain/run/trouble.ts';
import { minuteText } from '../../domain/text.ts';
import { followingInMlflow } from '../activities.ts';
import { createWorkflowContext } from '../context.ts';
import { failureOf } from '../failure.ts';
import { showTrouble } from '../trouble/watch.ts';

/** More are not waited for at once; the alias follows in any case. */
const MAX_PENDING = 50;

/** What a registry that continues as new has to remember. */
export interface FollowerState {
  /** Runs whose models have decisions that MLflow does not show. */
  readonly pending: readonly string[];
  readonly followed: Followed | null;
}

/**
 * Lets MLflow follow the registry's decisions, one call after the other, so that their order is kept. It begins when the
 * first run says that its model is in MLflow, and ends when a worker says that MLflow is off.
 */
export function createMlflowFollower(
  name: string,
  ledger: Pick<RegistryLedger, 'champion' | 'entries'>,
  show: () => void,
  from?: FollowerState,
) {
  const context = createWorkflowContext();
  let pending = [...(from?.pending ?? [])];
  let isOn = from !== undefined;
  let followed: Followed | null = from?.followed ?? null;
  let failure: string | null = null;
  let trouble: string | null = null;

  function add(run: string): void {
    failure = null;
    pending = [...new Set([...pending, run])].slice(-MAX_PENDING);
  }

  function decisionsOn(run: string): readonly string[] {
    return ledger
      .entries()
      .filter(({ model }) => model.run === run)
      .map(({ at, change, reason }) => `${minuteText(at)} UTC, ${change}: ${reason}`);
  }

  async function open(): Promise<void> {
    await context.open();
    showTrouble((found) => {
      trouble = found && describeTrouble(found);
      context.setAttributes({ PipelineState: found ? 'NeedsAttention' : 'Running' });
      show();
    });
  }

  return {
    logged(run: string): void {
      isOn = true;
      add(run);
    },

    /** Models that are not in MLflow yet are followed when their run has logged them. */
    decided({ model }: RegistryEntry): void {
      if (isOn) add(model.run);
    },

    isDue: (): boolean => isOn && pending.length > 0 && failure === null,

    /** Retried until MLflow answers; what it refuses waits for the next decision. */
    async follow(): Promise<void> {
      await open();
      const runs = pending;
      pending = [];
      try {
        followed = await followingInMlflow(
          `the champion and ${runs.length} models of ${name}`,
        ).followInMlflow({
          name,
          champion: ledger.champion()?.model.run ?? null,
          models: runs.map((run) => ({ run, decisions: decisionsOn(run) })),
        });
        isOn = followed.state !== 'off';
      } catch (error) {
        if (isCancellation(error)) throw error;
        const { type, message } = failureOf(error);
        // When the time for all attempts is over, the next call tells what has been decided since, too.
        if (!isRetried(type)) failure = `${type}: ${message}`;
        pending = [...new Set([...runs, ...pending])].slice(-MAX_PENDING);
      }
      show();
    },

    /** For the current details. */
    notes(): readonly string[] {
      if (!isOn) return [];
      return [
        ...(trouble === null ? [] : [`**Needs attention**: ${toProse(trouble)}`]),
        ...(failure === null
          ? []
          : [`**MLflow does not follow** until the next decision: ${toProse(failure)}`]),
        ...(followed?.state === 'followed'
          ? [`In MLflow, the alias \`champion\` is [version ${followed.version}](${followed.url}).`]
          : []),
        ...(followed?.state === 'unregistered'
          ? ['The champion is not a version in MLflow, so the alias `champion` stays where it is.']
          : []),
      ];
    },

    state: (): FollowerState | undefined => (isOn ? { pending, followed } : undefined),
  };
}
