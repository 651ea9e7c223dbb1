import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/**
 * Passes requests on to a server. The answer to each kind of request is lost the first time, after the server has done
 * what it says: as for a worker that was killed between two requests.
 *
 * @param target origin of the server
 */
export async function startLossyProxy(target: string) {
  const lost = new Set<string>();
  const proxy = createServer((incoming, outgoing) => {
    const kind = kindOf(incoming.method, incoming.url);
    const passed = httpRequest(
      new URL(incoming.url ?? '/', target),
      { method: incoming.method, headers: incoming.headers },
      (answer) => {
        if (lost.has(kind)) {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
          return;
        }
        answer.resume();
        answer.once('end', () => {
          lost.add(kind);
          outgoing.destroy();
        });
      },
    );
    passed.once('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
  });
  const { port } = proxy.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, lost: lost as ReadonlySet<string> };
}

/** Ids differ from run to run. */
function kindOf(method = '', url = ''): string {
  const { pathname } = new URL(url, 'http://localhost');
  return `${method} ${pathname.replace(/logged-models\/.+/, 'logged-models/id').replace(/(artifacts\/artifacts)\/.*\//, '$1/…/')}`;
}
