import type { Admin, Kafka } from 'kafkajs';

/** One admin connection per worker, made on first use so that a worker starts while the broker is away. */
export interface KafkaAdmin {
  connected(): Promise<Admin>;
  close(): Promise<void>;
}

export function createKafkaAdmin(kafka: Kafka): KafkaAdmin {
  let connecting: Promise<Admin> | undefined;

  async function connect(): Promise<Admin> {
    const admin = kafka.admin();
    await admin.connect();
    return admin;
  }

  return {
    connected() {
      connecting ??= connect().catch((error: unknown) => {
        connecting = undefined;
        throw error;
      });
      return connecting;
    },
    async close() {
      await (await connecting?.catch(() => undefined))?.disconnect();
      connecting = undefined;
    },
  };
}
