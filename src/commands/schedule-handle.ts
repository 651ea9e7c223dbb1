import { ScheduleNotFoundError, type Client, type ScheduleHandle } from '@temporalio/client';
import type { Config } from '../config.ts';
import { UsageError } from './exit.ts';
import { withClient } from './with-client.ts';

export interface ScheduleOption {
  readonly id: string;
}

/** @throws UsageError when there is no such schedule */
export async function withSchedule(
  { id }: ScheduleOption,
  work: (handle: ScheduleHandle, client: Client, config: Config) => Promise<void>,
): Promise<void> {
  await withClient(async (client, config) => {
    try {
      await work(client.schedule.getHandle(id), client, config);
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
      throw new UsageError(`there is no schedule "${id}" yet: create it with "imdb schedule apply"`, {
        cause: error,
      });
    }
  });
}
