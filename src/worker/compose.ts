import type { Client } from '@temporalio/client';
import type { ActivityDeps } from '../activities/index.ts';
import { measureArtifacts } from '../activities/measures.ts';
import { createArrowTables } from '../adapters/arrow/tables.ts';
import { nodeDigests } from '../adapters/digests.ts';
import { createCsvReader } from '../adapters/csv/reader.ts';
import { createWebhookNotifier, noNotifier } from '../adapters/http/webhook-notifier.ts';
import { createKafkaAdmin } from '../adapters/kafka/admin.ts';
import { createKafka } from '../adapters/kafka/client.ts';
import { createKafkaPublisher } from '../adapters/kafka/publisher.ts';
import { createKafkaReader } from '../adapters/kafka/reader.ts';
import { createKafkaStreamLog } from '../adapters/kafka/stream/stream-log.ts';
import { createTransactions } from '../adapters/kafka/transaction.ts';
import type { Logger } from '../adapters/logger.ts';
import { createMlRandomForest } from '../adapters/ml-random-forest/engine.ts';
import { createRecordPacker } from '../adapters/threads/record-packer.ts';
import { createSchemaRegistry } from '../adapters/schema-registry/registry.ts';
import { openStores, type Stores } from '../adapters/stores.ts';
import { createReferences } from '../adapters/temporal/references.ts';
import { createRunPlaces } from '../adapters/temporal/run-places.ts';
import { createWorkerSearch } from '../adapters/temporal/worker-search.ts';
import { createTemporalModelRegistry } from '../adapters/temporal/model-registry.ts';
import { createTemporalOutbox, noOutbox } from '../adapters/temporal/outbox.ts';
import { timeZones } from '../adapters/time-zones.ts';
import { traceReads, traceRecords } from '../adapters/otel/traced-log.ts';
import { createMlflowTracker, noTracker } from '../adapters/mlflow/tracker.ts';
import { onnxExport } from '../adapters/onnx/exporter.ts';
import { createVegaPlots } from '../adapters/vega/plots.ts';
import type { Config } from '../config.ts';
import type { Measure } from '../domain/metrics.ts';
import { namespaceUrl } from '../domain/run/ui-links.ts';
import { createHistogramEngine } from '../forest/histogram-engine.ts';
import { createThreadPool } from '../forest/threads/thread-pool.ts';
import { describeWorker } from './describe-worker.ts';
import { ALONE, scoringThreads, trainingMemory, type ProcessPlace } from './process-place.ts';
import { serveReports } from './serve-reports.ts';

export interface Composition {
  readonly deps: ActivityDeps;
  readonly stores: Stores;
  /** Closes what was opened here: connections to Kafka, threads, the report server. */
  close(): Promise<void>;
}

/**
 * The composition root: the one place where ports meet their adapters.
 *
 * @param trainsHere whether this worker takes trainings
 */
export async function compose(
  config: Config,
  logger: Logger,
  client: Client,
  place: ProcessPlace = ALONE,
  trainsHere: () => boolean = () => false,
  measure: Measure = () => undefined,
): Promise<Composition> {
  const kafka = createKafka(config.kafka, (level, message, fields) => {
    logger[level](fields, message);
  });
  const admin = createKafkaAdmin(kafka);
  const reader = createKafkaReader({ kafka, admin, settings: config.kafka });
  const transactions = createTransactions(kafka);
  const publisher = createKafkaPublisher({ transactions, admin, settings: config.kafka });
  const training = createThreadPool(config.forestThreads);
  const scoring = createThreadPool(scoringThreads(config.forestThreads, place));
  const stores = await openStores(config);
  const artifacts = measureArtifacts(stores.artifacts, measure);
  const datasets = createCsvReader();
  const packer = createRecordPacker();
  const plots = createVegaPlots();
  const reports = place.reportUrl === undefined ? await serveReports(config, logger) : undefined;
  const reportUrl = place.reportUrl ?? reports?.url ?? null;
  return {
    stores,
    deps: {
      artifacts,
      calendar: timeZones,
      dataDirectory: stores.dataDirectory,
      datasets,
      describer: { describe: () => describeWorker(config, logger, client, reportUrl, stores.identity) },
      digests: nodeDigests,
      engines: [
        createHistogramEngine(training, scoring, trainingMemory(place)),
        createMlRandomForest(scoring),
      ],
      inventory: stores.inventory,
      modelExport: onnxExport,
      notifier: config.notify
        ? createWebhookNotifier(config.notify, namespaceUrl(config.temporal.uiUrl, client.options.namespace))
        : noNotifier,
      outbox: config.notify ? createTemporalOutbox(client, config.taskQueue, config.notify.events) : noOutbox,
      packer,
      plots,
      publisher: config.traces ? traceRecords(publisher) : publisher,
      reader: config.traces ? traceReads(reader) : reader,
      references: createReferences(client),
      schemas: config.schemaRegistry && createSchemaRegistry(config.schemaRegistry),
      registry: createTemporalModelRegistry(client, config.taskQueue, config.notify?.noNewModelHours),
      runPlaces: createRunPlaces(client, config.taskQueue, config.runsPerProcess),
      workerSearch: createWorkerSearch(client, trainsHere),
      tables: createArrowTables(artifacts),
      tracker: config.mlflow ? createMlflowTracker(config.mlflow) : noTracker,
      streamLog: createKafkaStreamLog({ kafka, transactions, admin, reader, settings: config.kafka }),
    },
    async close() {
      await Promise.all([training.close(), scoring.close(), datasets.close(), packer.close(), plots.close()]);
      await reader.close();
      await transactions.close();
      await admin.close();
      await reports?.close();
    },
  };
}
