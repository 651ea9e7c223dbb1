import { createServer } from 'node:net';
import { once } from 'node:events';
import getPort from 'get-port';
import { PortInUse } from './server-errors.ts';

export const LOOPBACK = '127.0.0.1';

/** `wanted` is insisted on; without it `preferred` if free, else any free port. */
export async function chooseLoopbackPort(
  name: string,
  { wanted, preferred }: { readonly wanted?: number | undefined; readonly preferred?: number } = {},
): Promise<number> {
  if (wanted === undefined) {
    // Without a host every interface is probed: macOS lets a loopback listener hide behind a wildcard one.
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
