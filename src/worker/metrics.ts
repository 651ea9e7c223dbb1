import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { startMetricsServer, type MeasuredWorker } from '../adapters/http/metrics-server.ts';
import type { Logger } from '../adapters/logger.ts';
import type { Config } from '../config.ts';
import { METRICS } from '../domain/metrics.ts';

/** A free `host:port` of this machine, for the metrics of one process; the SDK does not tell which port it has taken. */
export async function freeMetricsAddress(): Promise<string> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { address, port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `${address}:${port}`;
}

/** The SDK's own exporter also exports our metrics. */
export function prometheusOptions(bindAddress: string) {
  const buckets = Object.entries(METRICS).flatMap(([name, metric]): [string, number[]][] =>
    'buckets' in metric ? [[name, [...metric.buckets]]] : [],
  );
  return {
    attachServiceName: false,
    prometheus: {
      bindAddress,
      useSecondsForDurations: true,
      unitSuffix: true,
      histogramBucketOverrides: Object.fromEntries(buckets),
    },
  };
}

/** Undefined when metrics are off. @throws MetricsUnserved */
export async function serveMetrics({ metrics }: Config, logger: Logger, worker: MeasuredWorker) {
  if (!metrics) return undefined;
  try {
    const server = await startMetricsServer(metrics, worker);
    logger.info(metrics, 'serving metrics');
    return server;
  } catch (cause) {
    throw new MetricsUnserved(metrics, cause as Error);
  }
}

/** The port was asked for, so a worker without it would be missed by its monitoring. */
export class MetricsUnserved extends Error {
  override readonly name = 'MetricsUnserved';

  constructor({ host = 'all addresses', port }: NonNullable<Config['metrics']>, cause: Error) {
    super(
      `cannot serve metrics on ${host}, port ${port}: ${cause.message}. ` +
        'Set METRICS_PORT to a port that no other worker of this machine has, and METRICS_HOST to an address of this machine',
    );
  }
}
