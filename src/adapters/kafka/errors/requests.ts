import { loadInternal, once } from '../kafkajs/internals.ts';
import { PERMISSIONS, type KafkaRequest } from './permissions.ts';

type Send = (this: unknown, request: unknown) => Promise<unknown>;

interface Cluster {
  readonly brokerPool: { getNodeIds(): readonly string[] };
  findBroker(broker: { readonly nodeId: string }): Promise<{ findGroupCoordinator: Send }>;
}

interface CreateTopicsDecoder {
  parse: (data: {
    readonly topicErrors: readonly { readonly topic: string; readonly errorMessage: string | null }[];
  }) => Promise<unknown>;
}

/**
 * kafkajs 2.2.4 drops what an operator needs of the broker's answer. Its errors do not say which topic, group or
 * transactional id was refused, a coordinator that may not be looked up is "not found", and the reason for which a
 * topic was not created is left out. This adds them: a property `request`, the refusal, and the reason.
 */
export const keepReasons = once(() => {
  const broker = loadInternal('broker/index.js') as { readonly prototype: Record<string, Send> };
  for (const api of Object.keys(PERMISSIONS)) nameRequests(broker.prototype, api);
  nameRefusal(loadInternal('cluster/index.js') as { readonly prototype: Record<string, Send> });
  // Version 3 of all brokers since Kafka 2.0.
  addReasons(loadInternal('protocol/requests/createTopics/v3/response.js') as CreateTopicsDecoder);
});

function nameRequests(prototype: Record<string, Send>, api: string): void {
  const send = prototype[api] as Send;
  prototype[api] = async function (request) {
    try {
      return await send.call(this, request);
    } catch (error) {
      if (error instanceof Error && !('request' in error)) {
        Object.assign(error, { request: toRequest(api, request) satisfies KafkaRequest });
      }
      throw error;
    }
  };
}

/** Asks again, because kafkajs tells an answer of "not authorized" from no answer only in its debug log. */
function nameRefusal({ prototype }: { readonly prototype: Record<string, Send> }): void {
  const find = prototype['findGroupCoordinatorMetadata'] as Send;
  prototype['findGroupCoordinatorMetadata'] = async function (request) {
    try {
      return await find.call(this, request);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'KafkaJSGroupCoordinatorNotFound') throw error;
      const cluster = this as Cluster;
      const [nodeId] = cluster.brokerPool.getNodeIds();
      if (nodeId === undefined) throw error;
      return (await cluster.findBroker({ nodeId })).findGroupCoordinator(request);
    }
  };
}

function addReasons(decoder: CreateTopicsDecoder): void {
  const { parse } = decoder;
  decoder.parse = async (data) => {
    try {
      return await parse(data);
    } catch (error) {
      for (const refused of (error as { errors?: (Error & { topic?: string })[] }).errors ?? []) {
        const reason = data.topicErrors.find(({ topic }) => topic === refused.topic)?.errorMessage;
        if (reason) refused.message = reason;
      }
      throw error;
    }
  };
}

interface RequestShape {
  readonly groupId?: string;
  readonly groupIds?: readonly string[];
  readonly transactionalId?: string;
  readonly coordinatorType?: number;
  readonly topics?: readonly { readonly topic: string }[];
  readonly topicData?: readonly { readonly topic: string }[];
  readonly resources?: readonly { readonly name: string }[];
}

const TRANSACTION_COORDINATOR = 1;

function toRequest(api: string, request: unknown): KafkaRequest {
  if (Array.isArray(request)) return { api, topics: request as string[], groups: [], transactionalIds: [] };
  const { groupId, groupIds, transactionalId, coordinatorType, ...rest } = (request ?? {}) as RequestShape;
  const topics = (rest.topics ?? rest.topicData ?? []).map(({ topic }) => topic);
  const ids = [...(groupId === undefined ? [] : [groupId]), ...(groupIds ?? [])];
  const isTransaction = coordinatorType === TRANSACTION_COORDINATOR;
  return {
    api,
    topics: [...topics, ...(rest.resources ?? []).map(({ name }) => name)],
    groups: isTransaction ? [] : ids,
    transactionalIds: isTransaction ? ids : transactionalId === undefined ? [] : [transactionalId],
  };
}
