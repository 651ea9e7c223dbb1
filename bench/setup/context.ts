import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadDataset, writeCsv, type Dataset } from '../data/dataset.ts';
import type { BenchOptions } from '../suite/bench-options.ts';
import { progress } from '../suite/progress.ts';
import type { Results } from '../suite/results.ts';
import { EnvironmentError } from './python-environment.ts';
import { PeerError } from './peer-process.ts';
import { startServices, type Services } from './services.ts';
import { startSpark, type Spark } from './spark.ts';

/** What the parts share. Each thing is set up when a part first asks for it. */
export interface Context {
  readonly options: BenchOptions;
  /** Removed at the end. */
  readonly directory: string;
  /** Rows of the IMDb file, or generated ones of the same shape. */
  readonly dataset: Dataset;
  /** The IMDb file, or the generated rows as a CSV. */
  readonly csv: () => string;
  /** Temporal, Kafka and a client of each. */
  readonly services: () => Promise<Services>;
  /** A Spark session on the same broker. */
  readonly spark: () => Promise<Spark>;
  readonly close: () => Promise<void>;
}

export function createContext(options: BenchOptions, directory: string): Context {
  const dataset = loadDataset(options.csv);
  const cleanUps: (() => Promise<void>)[] = [];
  /** A set-up that failed is not tried again by the next part. */
  const once = <Value>(start: () => Promise<Value>, stop: (value: Value) => Promise<void>) => {
    let started: Promise<Value> | undefined;
    return (): Promise<Value> =>
      (started ??= start().then((value) => {
        cleanUps.push(() => stop(value));
        return value;
      }));
  };
  const services = once(
    () => startServices(directory),
    (started) => started.stop(),
  );
  const spark = once(
    async () => startSpark(directory, (await services()).brokers),
    (started) => started.close(),
  );
  return {
    options,
    directory,
    dataset,
    csv: () =>
      existsSync(options.csv) ? options.csv : writeCsv(join(directory, 'movies.csv'), dataset.rows),
    services,
    spark,
    async close() {
      // Emptied, because a signal may ask while the end does.
      for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
    },
  };
}

/** @returns undefined when the peer cannot be set up, after a remark that says why */
export async function unlessMissing<Value>(
  results: Results,
  peer: string,
  start: () => Promise<Value>,
): Promise<Value | undefined> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof EnvironmentError || error instanceof PeerError)) throw error;
    const [reason = ''] = error.message.split('\n');
    progress(`without ${peer}: ${error.message}`);
    results.addRemark(`Without ${peer}: ${reason}`);
    return undefined;
  }
}
