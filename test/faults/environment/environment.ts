import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { Kafka } from 'kafkajs';
import type { OwnServers } from './servers.ts';

/** What rounds share: servers, films, and the compiled workflows. */
export interface Environment {
  readonly client: Client;
  readonly kafka: Kafka;
  /** Addresses and DATA_DIR, as a worker's environment has them. */
  readonly env: Readonly<Record<string, string>>;
  /** Prefix of the names of all topics, task queues and workflows. */
  readonly name: string;
  readonly stateDir: string;
  readonly bundleFile?: string;
  readonly servers?: OwnServers;
  readonly awaySeconds: number;
}

/** What one round, or one baseline, has of its own. */
export interface RoundEnvironment {
  readonly directory: string;
  readonly artifactDir: string;
  readonly taskQueue: string;
  readonly topic: string;
  readonly workflowId: string;
  readonly env: Readonly<Record<string, string>>;
}

export async function prepareRound(
  { name, stateDir, env }: Environment,
  part: string,
): Promise<RoundEnvironment> {
  const own = `${name}-${part}`;
  const directory = join(stateDir, part);
  const artifactDir = join(directory, 'artifacts');
  await mkdir(artifactDir, { recursive: true });
  return {
    directory,
    artifactDir,
    taskQueue: own,
    topic: own,
    workflowId: own,
    env: {
      ...env,
      TASK_QUEUE: own,
      ARTIFACT_STORE: artifactDir,
      // Several rounds run at once: a thread per core in each would be too many.
      FOREST_THREADS: '1',
      LOG_LEVEL: 'info',
      REPORT_PORT: 'off',
    },
  };
}
