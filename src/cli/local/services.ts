import { loadProcessConfig } from '../../config.ts';
import { startLocalServices } from '../../dev/local-services.ts';
import { untilSignal } from '../shared/output.ts';

const KEEP_ALIVE_MS = 60_000;

export async function services(): Promise<void> {
  const { local } = loadProcessConfig();
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const started = await startLocalServices({ ...local, onMessage: print });
  print(`\nexport TEMPORAL_ADDRESS=${started.temporalAddress}`);
  if (started.temporalUiUrl !== undefined) print(`export TEMPORAL_UI_URL=${started.temporalUiUrl}`);
  print(`export KAFKA_BROKERS=${started.kafkaBrokers.join(',')}`);
  print('\nCtrl-C stops what was started here.');
  // The servers run by themselves and signal handlers do not count: without this, the process would end here.
  const alive = setInterval(() => undefined, KEEP_ALIVE_MS);
  await untilSignal();
  clearInterval(alive);
  await started.stop();
}
