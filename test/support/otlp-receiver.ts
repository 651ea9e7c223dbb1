import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import protobuf from 'protobufjs';

export interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly links: readonly string[];
  readonly failure: string | undefined;
}

/** The fields of OTLP 1.x that tests look at; others are skipped. */
const SCHEMA = `syntax = "proto3";
message Request { repeated Resource resource_spans = 1; }
message Resource { repeated Scope scope_spans = 2; }
message Scope { repeated Span spans = 2; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5;
  repeated Link links = 13; Status status = 15;
}
message Link { bytes trace_id = 1; bytes span_id = 2; }
message Status { string message = 2; int32 code = 3; }`;

type Bytes = Uint8Array;
interface Request {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly traceId: Bytes;
        readonly spanId: Bytes;
        readonly parentSpanId: Bytes;
        readonly name: string;
        readonly links: readonly { readonly spanId: Bytes }[];
        readonly status: { readonly message: string; readonly code: number } | null;
      }[];
    }[];
  }[];
}

const ERROR = 2;
const RequestType = protobuf.parse(SCHEMA).root.lookupType('Request');

/** A receiver of traces by OTLP over HTTP, in this process. */
export async function startOtlpReceiver() {
  const spans: ReceivedSpan[] = [];
  const headers: Record<string, unknown>[] = [];
  const server = createServer((request, response) => {
    headers.push({ ...request.headers, url: request.url });
    void buffer(request).then((body) => {
      spans.push(...decode(body));
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    headers,
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function decode(body: Bytes): ReceivedSpan[] {
  const { resourceSpans } = RequestType.decode(body) as unknown as Request;
  return resourceSpans
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    .map(({ traceId, spanId, parentSpanId, name, links, status }) => ({
      name,
      traceId: hex(traceId),
      spanId: hex(spanId),
      parentSpanId: hex(parentSpanId),
      links: links.map((link) => hex(link.spanId)),
      failure: status?.code === ERROR ? status.message : undefined,
    }));
}

function hex(bytes: Bytes): string {
  return Buffer.from(bytes).toString('hex');
}
