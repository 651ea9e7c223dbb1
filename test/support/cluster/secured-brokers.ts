import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkAccess } from '../../../src/adapters/kafka/access-check.ts';
import { NEEDED } from '../../../src/adapters/kafka/errors/permissions.ts';
import { loadProcessConfig } from '../../../src/config.ts';
import { ensureKafkaDistribution } from '../../../src/dev/kafka/kafka-distribution.ts';
import { pollUntil } from '../poll-until.ts';
import { permitOnly } from './acls.ts';
import { startCluster } from './cluster.ts';
import { prepareSecuredListeners, settingsOf, USER } from './secured-listener.ts';

/** Of the topics that the user may use: those of the tests, and the default of a run. */
const TOPICS = 'a1';
/** Of rounds of faults, and of an example. */
const OTHER_TOPICS = ['test-', 'wine'];

export interface SecuredBrokers {
  /** Of the plain listener. Its clients are super users: a test looks at everything with them. */
  readonly addresses: readonly string[];
  /** What a worker or command needs in its environment. It logs in, and may do what docs/kafka.md says. */
  readonly env: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
}

/** Three brokers with TLS, logins and permissions, for tests that otherwise run on one plain broker. */
export async function startSecuredBrokers(directory: string): Promise<SecuredBrokers> {
  const libDir = await ensureKafkaDistribution(loadProcessConfig().local.cacheDir);
  const secured = await prepareSecuredListeners(join(directory, 'certificates'));
  const cluster = await startCluster({ libDir, directory, ...secured.options });
  const settings = settingsOf(cluster, secured);
  const forTopics = NEEDED.filter(({ resource }) => resource === 'topic');
  const others = OTHER_TOPICS.flatMap((prefix) => forTopics.map((needed) => ({ ...needed, prefix })));
  await permitOnly(cluster, TOPICS, [...NEEDED, ...others]);
  await pollUntil('the permissions to be known', async () => {
    return (await checkAccess(settings, TOPICS)).length === 0;
  });
  const authority = join(directory, 'authority.pem');
  await writeFile(authority, secured.authority.cert);
  return {
    addresses: cluster.addresses,
    env: {
      KAFKA_BROKERS: settings.brokers.join(','),
      KAFKA_SSL: 'true',
      KAFKA_SSL_CA: authority,
      KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
      KAFKA_SASL_USERNAME: USER.username,
      KAFKA_SASL_PASSWORD: USER.password,
    },
    stop: () => cluster.stop(),
  };
}
