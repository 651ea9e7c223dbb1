import { createServer } from 'node:net';
import { once } from 'node:events';
import getPort from 'get-port';

export const LOOPBACK = '127.0.0.1';

class PortInUse extends Error {
  override readonly name = 'PortInUse';

  constructor(facts: { readonly name: string; readonly port: number }) {
    super(
      `${facts.name}: port ${facts.port} is in use. Stop the program that listens there, or choose another port`,
    );
  }
}

/** @param wanted throws if this port is in use; without it, `preferred` if it is free, else any free port */
export async function chooseLoopbackPort(
  name: string,
  { wanted, preferred }: { readonly wanted?: number | undefined; readonly preferred?: number } = {},
): Promise<number> {
  if (wanted === undefined) {
    // Without a host, every interface is probed: on macOS, a loopback port can be bound although a wildcard listener has it.
    return getPort(preferred === undefined ? {} : { port: preferred });
  }
  if (!(await isFree(wanted))) throw new PortInUse({ name, port: wanted });
  return wanted;
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    probe.listen(port, LOOPBACK);
    await once(probe, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}
