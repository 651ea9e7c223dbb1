import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { LOOPBACK } from '../../../src/dev/process/loopback-port.ts';
import { createFrameReader } from './frames.ts';

/** Requests of the Kafka protocol, by their API key. */
export const API = {
  produce: 0,
  fetch: 1,
  listOffsets: 2,
  metadata: 3,
  offsetFetch: 9,
  findCoordinator: 10,
  initProducerId: 22,
  addPartitionsToTxn: 24,
  addOffsetsToTxn: 25,
  endTxn: 26,
  txnOffsetCommit: 28,
} as const;

export type Api = keyof typeof API;

/** What happens to an answer of the broker, which has done what it was asked. */
export type Disturbance =
  | { readonly action: 'delay'; readonly ms: number }
  /** The connection is closed instead. */
  | { readonly action: 'cut' }
  /** The answer never arrives; later ones do. */
  | { readonly action: 'stall' };

export type Rule = Disturbance & {
  readonly apis: readonly Api[];
  /** Default: every answer. */
  readonly times?: number;
};

export interface ActiveRule {
  /** How many answers it has disturbed. */
  readonly fired: () => number;
  readonly remove: () => void;
}

/** Stands before one listener of a broker without TLS. */
export interface TcpProxy {
  readonly port: number;
  /** For the answers to requests that are sent from now on. */
  readonly disturb: (rule: Rule) => ActiveRule;
  /** Removes all rules. */
  readonly calm: () => void;
  /** As the listener of a broker that has started. */
  readonly open: () => Promise<void>;
  /** As that of a broker that has ended: connections are refused. */
  readonly close: () => Promise<void>;
}

interface State {
  readonly rule: Rule;
  fired: number;
}

/** @param targetPort of the broker, on loopback */
export function createTcpProxy(port: number, targetPort: number): TcpProxy {
  const rules = new Set<State>();
  const sockets = new Set<Socket>();

  function choose(api: number): Disturbance | undefined {
    for (const state of rules) {
      const { rule } = state;
      if (!rule.apis.some((name) => API[name] === api) || state.fired >= (rule.times ?? Infinity)) continue;
      state.fired += 1;
      return rule;
    }
    return undefined;
  }

  const server = createServer((client) => {
    const broker = connect(targetPort, LOOPBACK);
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    pipe(client, broker, choose);
  });
  return {
    port,
    disturb(rule) {
      const state: State = { rule, fired: 0 };
      rules.add(state);
      return { fired: () => state.fired, remove: () => void rules.delete(state) };
    },
    calm() {
      rules.clear();
    },
    async open() {
      server.listen(port, LOOPBACK);
      await once(server, 'listening');
    },
    async close() {
      if (!server.listening) return;
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Passes requests on as they come, and answers one by one, because their order tells a client what they answer. */
function pipe(client: Socket, broker: Socket, choose: (api: number) => Disturbance | undefined): void {
  const pending = new Map<number, Disturbance>();
  const requests = createFrameReader((frame) => {
    const disturbance = choose(frame.readInt16BE(4));
    if (disturbance) pending.set(frame.readInt32BE(8), disturbance);
  });
  let answered: Promise<unknown> = Promise.resolve();
  const answers = createFrameReader((frame) => {
    const id = frame.readInt32BE(4);
    const disturbance = pending.get(id);
    pending.delete(id);
    if (disturbance?.action === 'stall') return;
    answered = answered.then(() => answer(client, frame, disturbance));
  });
  client.on('data', (data) => {
    requests(data);
    broker.write(data);
  });
  broker.on('data', answers);
}

async function answer(client: Socket, frame: Buffer, disturbance: Disturbance | undefined): Promise<void> {
  if (disturbance?.action === 'delay') await sleep(disturbance.ms);
  if (disturbance?.action === 'cut') client.destroy();
  if (!client.destroyed) client.write(frame);
}
