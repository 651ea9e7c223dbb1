import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { pathSegments, reportUrl } from '../../domain/run/report-url.ts';
import { RUNBOOK_PATH } from '../../domain/run/ui-links.ts';
import { indexPage, problemPage, runbookPage } from '../../report/served-pages.ts';
import { createReportAccess, TOKEN_PARAMETER, type ReportAccess } from './report-access.ts';

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

export interface ReportServerSettings {
  /** 0: any free port. */
  readonly port: number;
  /** Address to listen on. */
  readonly host: string;
  /** Without one, only this machine may see the reports. */
  readonly token: string | undefined;
}

const LOOPBACK = '127.0.0.1';
/** All addresses of the machine. */
const ANY_ADDRESS = ['0.0.0.0', '::'];
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
 * Serves report pages to the browsers of this machine, and with a token to others.
 *
 * @throws the system's error when the port is taken
 */
export async function startReportServer(
  { port, host, token }: ReportServerSettings,
  files: ReportFiles,
  onError: (error: unknown) => void,
): Promise<ReportServer> {
  const access = token === undefined ? undefined : createReportAccess(token);
  const server = createServer((request, response) => {
    void answer(request, files, access)
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
  server.listen(port, host);
  await once(server, 'listening');
  // The server must not keep a stopped worker's process alive.
  server.unref();
  const { port: taken } = server.address() as { readonly port: number };
  return {
    url: `http://${nameOf(host)}:${taken}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** In a link. */
function nameOf(host: string): string {
  if (ANY_ADDRESS.includes(host)) return LOOPBACK;
  return host.includes(':') ? `[${host}]` : host;
}

async function answer(
  { method, url = '/', headers }: IncomingMessage,
  files: ReportFiles,
  access: ReportAccess | undefined,
): Promise<Answer> {
  // Against DNS rebinding: a web page whose name resolves to this machine sends that name. It does not have the token.
  if (!access && !/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(headers.host ?? '')) {
    return { status: 421, body: problemPage('Wrong host name', `Open http://${LOOPBACK} instead.`) };
  }
  if (method !== 'GET' && method !== 'HEAD') {
    const body = problemPage('Reports are read-only', `Expected GET or HEAD, got ${method}.`);
    return { status: 405, body, headers: { allow: 'GET, HEAD' } };
  }
  const [path = '/', query = ''] = url.split('?');
  const refusal = access && refuse(access, path, query, headers);
  if (refusal) return refusal;
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

function refuse(
  access: ReportAccess,
  path: string,
  query: string,
  headers: IncomingHttpHeaders,
): Answer | undefined {
  const decision = access(new URLSearchParams(query).get(TOKEN_PARAMETER) ?? '', headers);
  if (decision === 'granted') return undefined;
  const fresh = { 'cache-control': 'no-store' };
  if (decision === 'denied') {
    const text = `Open this address once with ?${TOKEN_PARAMETER}= and the REPORT_TOKEN of the worker at its end. The browser remembers it.`;
    const body = problemPage('The reports need a token', text);
    return { status: 401, body, headers: { ...fresh, 'www-authenticate': 'Bearer' } };
  }
  // Only a path: "//host" would lead elsewhere.
  const location = path.replace(/^\/+/, '/');
  return { status: 303, body: '', headers: { ...fresh, location, 'set-cookie': decision.cookie } };
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
