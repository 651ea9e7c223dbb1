import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { writeJournal } from './journal.ts';
import { partOf, type Visit } from './place.ts';
import type { Striker } from './striker.ts';

/** The places of `before` and `after`, and the journal of every attempt. */
export function strikeActivities(striker: Striker, directory: string): ActivityInterceptorsFactory {
  return ({ info }) => ({
    inbound: {
      async execute(input, next) {
        const visit: Visit = {
          activity: info.activityType,
          part: partOf(input.args[0]),
          workflowId: info.workflowExecution?.workflowId ?? '',
          attempt: info.attempt,
        };
        return striker.during(visit, async () => {
          const book = striker.current();
          writeJournal(directory, { event: 'started', ...visit });
          try {
            striker.reach(book, 'before');
            const result = await next(input);
            striker.reach(book, 'after');
            writeJournal(directory, { event: 'done', ...visit });
            return result;
          } catch (error) {
            const name = error instanceof Error ? error.name : String(error);
            writeJournal(directory, { event: 'failed', ...visit, error: name });
            throw error;
          }
        });
      },
    },
  });
}
