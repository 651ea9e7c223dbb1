import {
  isGrpcDeadlineError,
  QueryNotRegisteredError,
  ServiceError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import { readChampion } from '../../adapters/temporal/champion.ts';
import type { Champion, RegistryEntry } from '../../domain/registry/model-registry.ts';
import {
  modelOfRegistry,
  registryQuery,
  registryUpdate,
  registryWorkflowId,
  workflowType,
} from '../../domain/names.ts';
import type { PromoteInput, RollbackInput } from '../../domain/registry/registry-input.ts';
import { ANSWER_WITHIN_MS, sendUpdate } from '../shared/client.ts';
import { UsageError } from '../shared/exit.ts';

/** Queries and updates the registries of one task queue. An unanswered call throws a UsageError. */
export function createRegistryClient(client: Client, taskQueue: string) {
  const handleOf = (name: string): WorkflowHandle =>
    client.workflow.getHandle(registryWorkflowId(taskQueue, name));

  const ask = async <T>(name: string, work: (handle: WorkflowHandle) => Promise<T>): Promise<T> => {
    try {
      return await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () => work(handleOf(name)));
    } catch (error) {
      if (error instanceof UsageError) throw error;
      if (error instanceof WorkflowNotFoundError) throw unknownModel(name, taskQueue, error);
      if (isUnanswered(error)) throw noWorker(name, taskQueue, error);
      throw error;
    }
  };
  const update = (
    name: string,
    what: string,
    input: PromoteInput | RollbackInput,
    updateId?: string,
  ): Promise<RegistryEntry> =>
    ask(name, (handle) =>
      sendUpdate(client, handle, what, [input], (cause) => mayBeDoneLater(name, taskQueue, cause), updateId),
    );

  return {
    /** @throws UsageError when there is no such registry */
    champion: (name: string) => ask(name, readChampion),
    /** null also when there is no such registry */
    findChampion: (name: string) =>
      ask(name, (handle) =>
        readChampion(handle).catch((error: unknown) => {
          if (error instanceof WorkflowNotFoundError) return null;
          throw error;
        }),
      ),
    history: (name: string) =>
      ask(name, (handle) => handle.query<readonly RegistryEntry[]>(registryQuery.history)),
    promote: (name: string, input: PromoteInput) => update(name, registryUpdate.promote, input),
    /** Repeated while nobody has answered, it rolls back once. */
    async rollback(name: string, input: RollbackInput): Promise<RegistryEntry> {
      const champion = await ask(name, readChampion);
      return update(name, registryUpdate.rollback, input, champion ? rollbackId(champion) : undefined);
    },

    async names(): Promise<string[]> {
      const query =
        `WorkflowType = '${workflowType.modelRegistry}' AND ExecutionStatus = 'Running' ` +
        `AND TaskQueue = ${JSON.stringify(taskQueue)}`;
      const names: string[] = [];
      for await (const { workflowId } of client.workflow.list({ query })) {
        names.push(modelOfRegistry(taskQueue, workflowId));
      }
      return names.sort();
    },
  };
}

/** The same for every attempt to roll back this champion, so that the server does one of them. */
export function rollbackId({ model, since }: Champion): string {
  return `rollback of ${model.version} since ${since}`;
}

function isUnanswered(error: unknown): boolean {
  if (error instanceof QueryNotRegisteredError) return true;
  return isGrpcDeadlineError(error instanceof ServiceError ? error.cause : error);
}

function unknownModel(name: string, taskQueue: string, cause: unknown): UsageError {
  return new UsageError(
    `no model "${name}" on task queue "${taskQueue}": the first run with promotion.model "${name}" registers it. ` +
      '"imdb models list" shows the registered ones',
    { cause },
  );
}

function noWorker(name: string, taskQueue: string, cause: unknown, next = ''): UsageError {
  return new UsageError(
    `no worker answered for model "${name}" within ${ANSWER_WITHIN_MS / 1_000} s: its registry is a workflow on task queue ` +
      `"${taskQueue}". Start a worker with "imdb worker"${next}`,
    { cause },
  );
}

function mayBeDoneLater(name: string, taskQueue: string, cause: unknown): UsageError {
  const next = `, which may still do it; check "imdb models show ${name}" before you repeat it`;
  return noWorker(name, taskQueue, cause, next);
}
