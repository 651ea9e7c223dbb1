import { createRequire } from 'node:module';

interface MetadataRequest {
  readonly topics: readonly string[];
  readonly allowAutoTopicCreation?: boolean;
}

interface MetadataRequests {
  protocol: (options: { readonly version: number }) => (request: MetadataRequest) => {
    readonly request: { encode: () => Promise<unknown> };
  };
}

type Encoder = new () => { writeInt32(value: number): { writeBoolean(value: boolean): unknown } };

let installed = false;

/**
 * kafkajs 2.2.4 asks for all topics of the cluster whenever it has to name none: when a transaction begins, a group is
 * joined, or a topic is created. Its question fails when any partition of any topic has no leader, so the trouble of
 * others would stop us. After this, naming no topic asks for none: `listTopics` finds nothing.
 */
export function askForNamedTopicsOnly(): void {
  if (installed) return;
  installed = true;
  const require = createRequire(import.meta.url);
  const requests = require('kafkajs/src/protocol/requests/metadata/index.js') as MetadataRequests;
  const KafkaEncoder = require('kafkajs/src/protocol/encoder.js') as Encoder;
  const { protocol } = requests;
  requests.protocol = ({ version }) => {
    const createMetadata = protocol({ version });
    // Every broker since Kafka 1.0 speaks version 4 or later.
    if (version < 4) return createMetadata;
    return (question) => {
      const metadata = createMetadata(question);
      if (question.topics.length > 0) return metadata;
      const { allowAutoTopicCreation = false } = question;
      metadata.request.encode = async () =>
        new KafkaEncoder().writeInt32(0).writeBoolean(allowAutoTopicCreation);
      return metadata;
    };
  };
}
