import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { pathSegments, reportUrl } from '../../domain/run/report-url.ts';
import { RUNBOOK_PATH } from '../../domain/run/ui-links.ts';
import { indexPage, problemPage, runbookPage } from '../../report/served-pages.ts';

export interface ReportFile {
  readonly segments: readonly string[];
  readonly bytes: number;
  readonly writtenAt: Date;
}

/** Port: reads the pages. */
export interface ReportFiles {
  /** Undefined when the page does not exist. */
  read(segments: readonly string[]): Promise<Uint8Array | undefined>;
  /** Newest first. */
  newest(limit: number): Promise<readonly ReportFile[]>;
}

export interface ReportServer {
  /** Without a trailing slash. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Reports contain data that need not leave the machine. */
const LOOPBACK = '127.0.0.1';
const MAX_LISTED = 50;
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  // Report pages contain a stricter policy of their own.
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/**
 * Serves report pages to the browsers of this machine.
 *
 * @param port 0: any free port
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
        return {
          status: 500,
          body: problemPage('The report cannot be served', 'The worker’s log has the error.'),
        };
      })
      .then((found) => {
        send(request, response, found);
      });
  });
  server.listen(port, LOOPBACK);
  await once(server, 'listening');
  // The server must not keep a stopped worker's process alive.
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
  // Against DNS rebinding: a web page whose name resolves to this machine sends that name.
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(headers.host ?? '')) {
    return { status: 421, body: problemPage('Wrong host name', `Open http://${LOOPBACK} instead.`) };
  }
  if (method !== 'GET' && method !== 'HEAD') {
    const body = problemPage('Reports are read-only', `Expected GET or HEAD, got ${method}.`);
    return { status: 405, body, headers: { allow: 'GET, HEAD' } };
  }
  const [path = '/'] = url.split('?');
  if (path === '/')
    return { status: 200, body: await index(files), headers: { 'cache-control': 'no-store' } };
  if (path === RUNBOOK_PATH) return { status: 200, body: runbookPage() };
  const segments = pathSegments(path);
  const page = segments && (await files.read(segments));
  if (!page) {
    const text =
      'Its run may have been on another machine or with another ARTIFACT_STORE, or the file was deleted.';
    return { status: 404, body: problemPage('No such report', text) };
  }
  // Its name contains the hash of its content.
  return { status: 200, body: page, headers: { 'cache-control': 'private, max-age=86400, immutable' } };
}

async function index(files: ReportFiles): Promise<string> {
  const newest = await files.newest(MAX_LISTED);
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
