import { defaultPayloadConverter } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { StoreIdentity } from '../../activities/store-identity.ts';
import { ArtifactStoreMismatch } from '../../domain/errors.ts';
import { STORE_HEADER, UNWATCHED_ACTIVITY } from '../../domain/names.ts';

/**
 * Refuses an activity whose workflow keeps its artifacts in another store than this worker does: what it reads would be
 * missing here, and what it writes there.
 *
 * @param identity of this worker, as Temporal shows it
 */
export function requireStore({ place, id }: StoreIdentity, identity: string): ActivityInterceptorsFactory {
  let own: string | undefined;
  return ({ info: { activityType } }) => ({
    inbound: {
      async execute(input, next) {
        const header = input.headers[STORE_HEADER];
        if (!header || activityType === UNWATCHED_ACTIVITY) return next(input);
        own ??= await id();
        const expected = defaultPayloadConverter.fromPayload<string>(header);
        if (expected === own) return next(input);
        throw new ArtifactStoreMismatch({
          what: `worker ${identity} does not see the artifacts of this workflow`,
          where: place,
          expected: `the store with id ${expected}, which "store" in the memo of its run or stream names`,
          got: `id ${own}`,
          hint: 'Stop this worker, or start it with the right ARTIFACT_STORE; another worker continues the step',
        });
      },
    },
  });
}
