import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { loadProcessConfig } from '../../src/config.ts';
import { ensureJars, JarDownloadFailed } from '../../src/dev/maven-jars.ts';
import { progress } from '../suite/progress.ts';
import { EnvironmentError, ensurePythonEnvironment, javaVersion } from './python-environment.ts';
import { startPythonProcess } from './peer-process.ts';

/** As in spark-jars.xml and requirements/spark.txt; a unit test compares them. */
export const SPARK_VERSION = '3.5.7';
const POM = join(import.meta.dirname, 'spark-jars.xml');

const nothing = z.object({});
const timed = z.object({ seconds: z.number() });
const published = z.object({ seconds: z.number(), publishSeconds: z.number(), rows: z.number() });
const job = z.object({
  seconds: z.number(),
  rows: z.number(),
  rmse: z.number(),
  steps: z.record(z.string(), z.number()),
});

/** The shape of a forest in both programs. */
export interface ForestShape {
  readonly trees: number;
  readonly depth: number;
  readonly seed: number;
}

/** A session that is up: see peers/spark_session.py. Times are Spark's own, without the way to its process. */
export interface Spark {
  readonly versions: Readonly<Record<string, string>>;
  /** From the start of the process until the session answered. */
  readonly startSeconds: number;
  /** The topics exist and are empty. */
  job(
    run: { readonly csv: string; readonly topic: string; readonly output: string } & ForestShape,
  ): Promise<z.output<typeof job>>;
  /** Keeps a model for `score` and `follow`. */
  train(forest: { readonly csv: string } & ForestShape): Promise<void>;
  /** Scores all that is in the topic. */
  score(stream: { readonly topic: string; readonly output: string }): Promise<z.output<typeof timed>>;
  /** Loads the rows of {@link Spark.publish}; not timed. */
  cache(rows: { readonly csv: string }): Promise<void>;
  publish(to: { readonly topic: string }): Promise<z.output<typeof published>>;
  /** Scores what is appended to an empty topic, at every tick, until `unfollow`. */
  follow(stream: {
    readonly topic: string;
    readonly output: string;
    readonly milliseconds: number;
  }): Promise<void>;
  unfollow(): Promise<void>;
  close(): Promise<void>;
}

/** @throws EnvironmentError, PeerError */
export async function startSpark(directory: string, brokers: string): Promise<Spark> {
  const java = await javaVersion();
  const { python, version, pinned } = await ensurePythonEnvironment('spark');
  const jars = await ensureSparkJars();
  progress('starting Spark');
  const start = performance.now();
  const facts = { directory: mkdtempSync(join(directory, 'spark-')), brokers, jars };
  const { ask, close } = startPythonProcess(python, 'spark_session.py', [JSON.stringify(facts)]);
  await ask(z.object({ version: z.string() }), { command: 'ready' });
  return {
    versions: { python: version, java, spark: pinned('pyspark') },
    startSeconds: (performance.now() - start) / 1000,
    job: (run) => ask(job, { command: 'job', ...run }),
    train: async (forest) => {
      await ask(nothing, { command: 'train', ...forest });
    },
    score: (stream) => ask(timed, { command: 'score', ...stream }),
    cache: async (rows) => {
      await ask(nothing, { command: 'cache', ...rows });
    },
    publish: (to) => ask(published, { command: 'publish', ...to }),
    follow: async (stream) => {
      await ask(nothing, { command: 'follow', ...stream });
    },
    unfollow: async () => {
      await ask(nothing, { command: 'unfollow' });
    },
    close,
  };
}

async function ensureSparkJars(): Promise<string> {
  const directory = join(loadProcessConfig().local.cacheDir, `spark-kafka-${SPARK_VERSION}`);
  try {
    return await ensureJars(POM, directory, () => {
      progress('downloading what Spark needs for Kafka (6 MB, once)');
    });
  } catch (error) {
    if (!(error instanceof JarDownloadFailed)) throw error;
    throw new EnvironmentError(`Spark's Kafka source could not be downloaded with Maven: ${error.message}`, {
      cause: error,
    });
  }
}
