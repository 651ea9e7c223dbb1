import kafkajs, { type Admin } from 'kafkajs';

const MINUTE_MS = 60_000;
/** Kafka's own default. */
const WEEK_MS = 7 * 24 * 60 * MINUTE_MS;
const CONFIG = 'offsets.retention.minutes';

/** How long the broker keeps the offsets of a group that nobody consumes with. */
export async function fetchOffsetRetentionMs(admin: Admin): Promise<number> {
  try {
    const { brokers } = await admin.describeCluster();
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: brokers.slice(0, 1).map(({ nodeId }) => ({
        // Node finds this name in the module's default only.
        type: kafkajs.ConfigResourceTypes.BROKER,
        name: String(nodeId),
        configNames: [CONFIG],
      })),
    });
    const minutes = Number(resources[0]?.configEntries[0]?.configValue);
    return minutes > 0 ? minutes * MINUTE_MS : WEEK_MS;
  } catch {
    // Few principals may ask this, and managed clusters keep the default.
    return WEEK_MS;
  }
}
