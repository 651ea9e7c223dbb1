import { isIP } from 'node:net';
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import type { ClientConnectConfig } from '@temporalio/envconfig';

type ConnectionOptions = ClientConnectConfig['connectionOptions'];

/** After the handshake the server closed the connection without a word. */
export const CLOSED = 'CLOSED';

/** What a TLS connection to a server came to. */
export interface Look {
  /** Of Node or OpenSSL; {@link CLOSED}; undefined: nothing is wrong. */
  readonly code: string | undefined;
  readonly certificate?: PeerCertificate;
}

const DEFAULT_PORT = 7_233;
const TIMEOUT_MS = 5_000;

/** Connects as the Temporal clients do, to learn why they could not: they name no cause, or each its own. */
export async function lookAtServer({ address = '', tls }: ConnectionOptions): Promise<Look> {
  const { hostname, port } = new URL(`tcp://${address}`);
  const host = hostname.replace(/^\[|\]$/g, '');
  const { serverNameOverride, serverRootCACertificate, clientCertPair } =
    typeof tls === 'object' && tls !== null ? tls : {};
  const servername = serverNameOverride ?? (isIP(host) ? undefined : host);
  return new Promise((resolve) => {
    let socket: TLSSocket;
    try {
      socket = connect({
        host,
        port: Number(port) || DEFAULT_PORT,
        ...(servername !== undefined && { servername }),
        ...(serverRootCACertificate && { ca: Buffer.from(serverRootCACertificate) }),
        ...(clientCertPair && {
          cert: Buffer.from(clientCertPair.crt),
          key: Buffer.from(clientCertPair.key),
        }),
        ALPNProtocols: ['h2'],
        // The certificate is reported here, and nothing is sent to the server.
        rejectUnauthorized: false,
        timeout: TIMEOUT_MS,
      });
    } catch (error) {
      resolve({ code: codeOf(error) });
      return;
    }
    const end = (code: string | undefined, certificate?: PeerCertificate): void => {
      resolve({ code, ...(certificate && { certificate }) });
      socket.destroy();
    };
    let isHandshaken = false;
    socket.on('secureConnect', () => {
      isHandshaken = true;
      // Declared as an Error, but a code.
      const problem = socket.authorizationError as unknown as string | undefined;
      if (problem) end(problem, socket.getPeerCertificate());
    });
    // HTTP/2 servers speak first, once they have accepted the client's certificate.
    socket.on('data', () => {
      end(undefined);
    });
    socket.on('error', (error) => {
      const code = codeOf(error);
      end(isHandshaken && code === 'ECONNRESET' ? CLOSED : code);
    });
    socket.on('timeout', () => {
      end('ETIMEDOUT');
    });
    socket.on('close', () => {
      end(isHandshaken ? CLOSED : 'ECONNRESET');
    });
  });
}

function codeOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
