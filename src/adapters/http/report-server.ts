import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { pathSegments, reportUrl } from '../../domain/run/report-url.ts';
import { indexPage, problemPage } from '../../report/served-pages.ts';

export interface ReportFile {
  readonly segments: readonly string[];
  readonly bytes: number;
  readonly writtenAt: Date;
}

/** Port: where the pages are. */
export interface ReportFiles {
  /** Undefined when there is no such page. */
  read(segments: readonly string[]): Promise<Uint8Array | undefined>;
  /** The newest first. */
  newest(limit: number): Promise<readonly ReportFile[]>;
}

export interface ReportServer {
  /** Without a slash at the end. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Reports hold data that need not leave the machine. */
const LOOPBACK = '127.0.0.1';
const LISTED = 50;
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  // Pages bring a stricter policy of their own.
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/**
 * Serves report pages to browsers of this machine.
 *
 * @param port 0: any that is free
 * @throws the system's error when the port is taken
 */
export async function startReportServer(
  port: number,
  files: ReportFiles,
  onError: (error: unknown) => void,
): Promise<ReportServer> {
  const server = createServer((request, response) => {
    void answer(request, files)
      .catch((error: unknown): Answer => {
        onError(error);
        return { status: 500, body: problemPage('Something went wrong', 'The worker’s log says what.') };
      })
      .then((found) => {
        send(request, response, found);
      });
  });
  server.listen(port, LOOPBACK);
  await once(server, 'listening');
  // A worker that has ended must not stay for its reports.
  server.unref();
  const { port: taken } = server.address() as { readonly port: number };
  return {
    url: `http://${LOOPBACK}:${taken}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer({ method, url = '/', headers }: IncomingMessage, files: ReportFiles): Promise<Answer> {
  // A page of the web whose name is pointed at this machine would ask under that name.
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(headers.host ?? '')) {
    return { status: 421, body: problemPage('Not for this name', `Ask ${LOOPBACK} itself.`) };
  }
  if (method !== 'GET' && method !== 'HEAD') {
    const body = problemPage('Reports can only be read', `This was a ${method}.`);
    return { status: 405, body, headers: { allow: 'GET, HEAD' } };
  }
  const [path = '/'] = url.split('?');
  if (path === '/')
    return { status: 200, body: await index(files), headers: { 'cache-control': 'no-store' } };
  const segments = pathSegments(path);
  const page = segments && (await files.read(segments));
  if (!page) {
    const text = 'Its run may have been on another machine, with another ARTIFACT_DIR, or have been removed.';
    return { status: 404, body: problemPage('There is no such report', text) };
  }
  // Its name follows from its content.
  return { status: 200, body: page, headers: { 'cache-control': 'private, max-age=86400, immutable' } };
}

async function index(files: ReportFiles): Promise<string> {
  const newest = await files.newest(LISTED);
  return indexPage(
    newest.map(({ segments, bytes, writtenAt }) => ({
      url: reportUrl('', segments.join('/')),
      folders: segments.slice(1, -1),
      bytes,
      writtenAt: writtenAt.toISOString(),
    })),
  );
}

function send(
  { method }: IncomingMessage,
  response: ServerResponse,
  { status, body, headers }: Answer,
): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  response.writeHead(status, { ...HEADERS, ...headers, 'content-length': bytes.length });
  response.end(method === 'HEAD' ? undefined : bytes);
}
