import { setTimeout } from 'node:timers/promises';
import type { Admin, Kafka } from 'kafkajs';
import { isTransient } from './client.ts';

const ASK_AGAIN_MS = 100;
const MAX_TIMES_ASKED = 20;

/** One admin connection per worker, made on first use so that a worker starts while the broker is away. */
export interface KafkaAdmin {
  /** Asks again for two seconds while the broker says "not yet"; kafkajs retries some of these only. */
  ask<T>(question: (admin: Admin) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

interface Connection {
  readonly admin: Promise<Admin>;
  users: number;
  retired: boolean;
}

export function createKafkaAdmin(kafka: Kafka): KafkaAdmin {
  let current: Connection | undefined;

  async function connect(): Promise<Admin> {
    const admin = kafka.admin();
    await admin.connect();
    return admin;
  }

  /**
   * A connection that gave an error is not used again. kafkajs refreshes all topics that a connection was ever asked
   * about, so one deleted topic would fail every question for ever.
   */
  async function askOnce<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    const connection = (current ??= { admin: connect(), users: 0, retired: false });
    connection.users += 1;
    try {
      return await question(await connection.admin);
    } catch (error) {
      connection.retired = true;
      if (current === connection) current = undefined;
      throw error;
    } finally {
      connection.users -= 1;
      if (connection.retired && connection.users === 0) void disconnect(connection);
    }
  }

  return {
    async ask(question) {
      for (let asked = 1; ; asked += 1) {
        try {
          return await askOnce(question);
        } catch (error) {
          if (!isTransient(error) || asked === MAX_TIMES_ASKED) throw error;
          await setTimeout(ASK_AGAIN_MS);
        }
      }
    },
    async close() {
      if (current) await disconnect(current);
      current = undefined;
    },
  };
}

async function disconnect({ admin }: Connection): Promise<void> {
  await admin.then((connected) => connected.disconnect()).catch(() => undefined);
}
