import { once } from 'node:events';
import {
  connect,
  constants,
  createSecureServer,
  type ClientHttp2Stream,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Authority, Certificate } from './cluster/certificates.ts';

export interface TlsProxyOptions {
  readonly certificate: Certificate;
  /** Clients need a certificate of this authority. */
  readonly clients?: Authority;
  /** Calls need this key. */
  readonly apiKey?: string;
}

/** Stands before a gRPC server without encryption, as a load balancer does. @returns its address */
export async function startTlsProxy(
  target: string,
  { certificate, clients, apiKey }: TlsProxyOptions,
): Promise<string> {
  const upstream = connect(`http://${target}`);
  const server = createSecureServer({
    ...certificate,
    ...(clients && { ca: clients.cert, requestCert: true, rejectUnauthorized: true }),
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    if (apiKey === undefined || headers.authorization === `Bearer ${apiKey}`) {
      forward(stream, upstream.request(headers));
    } else refuse(stream);
  });
  // Of clients that go away.
  server.on('sessionError', () => undefined);
  server.on('session', (session) => {
    onClose.push(() => {
      session.destroy();
    });
  });
  const onClose: (() => void)[] = [];
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    upstream.destroy();
    server.close();
    for (const close of onClose) close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function refuse(stream: ServerHttp2Stream): void {
  const status = { 'grpc-status': '16', 'grpc-message': 'Request unauthorized.' };
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...status }, { endStream: true });
}

function forward(stream: ServerHttp2Stream, request: ClientHttp2Stream): void {
  let trailers: OutgoingHttpHeaders = {};
  request.on('error', () => {
    stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  });
  request.on('response', (headers, flags) => {
    if (stream.destroyed) return;
    const endStream = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    stream.respond(headers, endStream ? { endStream } : { waitForTrailers: true });
  });
  request.on('trailers', (headers: OutgoingHttpHeaders) => {
    trailers = headers;
  });
  stream.on('wantTrailers', () => {
    stream.sendTrailers(trailers);
  });
  stream.on('close', () => {
    request.close(constants.NGHTTP2_CANCEL);
  });
  stream.pipe(request);
  request.pipe(stream);
}
