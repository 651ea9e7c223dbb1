import { loadProcessConfig } from '../../config.ts';
import { startLocalServices } from '../../dev/local-services.ts';
import { untilSignal } from '../shared/exit.ts';
import { print } from '../shared/output.ts';

const KEEP_ALIVE_MS = 60_000;

export async function services(): Promise<void> {
  const { local } = loadProcessConfig();
  const started = await startLocalServices({ ...local, onMessage: print });
  print(`\nexport TEMPORAL_ADDRESS=${started.temporalAddress}`);
  if (started.temporalUiUrl !== undefined) print(`export TEMPORAL_UI_URL=${started.temporalUiUrl}`);
  print(`export KAFKA_BROKERS=${started.kafkaBrokers.join(',')}`);
  print('\nCtrl-C stops what was started here.');
  // Neither the servers nor signal handlers keep this process alive.
  const alive = setInterval(() => undefined, KEEP_ALIVE_MS);
  await untilSignal();
  clearInterval(alive);
  await started.stop();
}
