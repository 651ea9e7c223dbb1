/** What an access control list of Kafka names. */
export type Resource = 'topic' | 'group' | 'transactional id' | 'cluster';

/** What a request of kafkajs was about. */
export interface KafkaRequest {
  /** kafkajs' name for it. */
  readonly api: string;
  readonly topics: readonly string[];
  readonly groups: readonly string[];
  readonly transactionalIds: readonly string[];
}

/** An ACL that a worker needs. */
export interface NeededPermission {
  readonly resource: Resource;
  /** Undefined: the topics of its runs and streams. */
  readonly prefix: string | undefined;
  readonly operations: readonly string[];
}

/** Of all transactional ids and groups. */
export const OWN_PREFIX = 'imdb';

/** All that a worker needs. READ and WRITE include DESCRIBE. */
export const NEEDED: readonly NeededPermission[] = [
  { resource: 'topic', prefix: undefined, operations: ['CREATE', 'READ', 'WRITE'] },
  { resource: 'transactional id', prefix: OWN_PREFIX, operations: ['WRITE'] },
  { resource: 'group', prefix: OWN_PREFIX, operations: ['READ'] },
];

/**
 * By kafkajs' name of a request: the operation to permit on each kind of resource. Where the broker asks only for
 * DESCRIBE, this is what the next request needs and what includes it.
 */
export const PERMISSIONS: Readonly<Record<string, Readonly<Partial<Record<Resource, string>>>>> = {
  metadata: { topic: 'READ' },
  createTopics: { topic: 'CREATE', cluster: 'CREATE' },
  listOffsets: { topic: 'READ' },
  describeConfigs: { topic: 'DESCRIBE_CONFIGS', cluster: 'DESCRIBE_CONFIGS' },
  fetch: { topic: 'READ' },
  findGroupCoordinator: { group: 'READ', 'transactional id': 'WRITE' },
  joinGroup: { group: 'READ' },
  syncGroup: { group: 'READ' },
  heartbeat: { group: 'READ' },
  leaveGroup: { group: 'READ' },
  describeGroups: { group: 'READ' },
  offsetFetch: { topic: 'READ', group: 'READ' },
  initProducerId: { 'transactional id': 'WRITE' },
  addPartitionsToTxn: { topic: 'WRITE', 'transactional id': 'WRITE' },
  produce: { topic: 'WRITE', 'transactional id': 'WRITE' },
  addOffsetsToTxn: { group: 'READ', 'transactional id': 'WRITE' },
  txnOffsetCommit: { topic: 'READ', group: 'READ', 'transactional id': 'WRITE' },
  endTxn: { 'transactional id': 'WRITE' },
};

/** The kind of resource that an answer of the broker refuses. */
const REFUSALS: Readonly<Record<string, Resource>> = {
  TOPIC_AUTHORIZATION_FAILED: 'topic',
  GROUP_AUTHORIZATION_FAILED: 'group',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'transactional id',
  CLUSTER_AUTHORIZATION_FAILED: 'cluster',
};

export const REFUSAL_TYPES = Object.keys(REFUSALS);

/** `WRITE on topic a1`; what is not known is left open. */
export function describePermission(refusal: string, request: KafkaRequest | undefined): string {
  const resource = REFUSALS[refusal] ?? 'cluster';
  const operation = (request && PERMISSIONS[request.api]?.[resource]) ?? 'a permission';
  const names = request ? namesOf(resource, request) : [];
  return `${operation} on ${[resource, names.join(', ')].filter(Boolean).join(' ')}`;
}

function namesOf(resource: Resource, { topics, groups, transactionalIds }: KafkaRequest): readonly string[] {
  const names = { topic: topics, group: groups, 'transactional id': transactionalIds, cluster: [] };
  return names[resource];
}
