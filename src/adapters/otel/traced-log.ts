import { context, propagation, trace } from '@opentelemetry/api';
import type { RecordPublisher, RecordReader } from '../../activities/log/record-log.ts';
import type { LogRecord, OutgoingRecord } from '../../domain/log/record.ts';

/** W3C's name. */
const HEADER = 'traceparent';
/** The name, 55 characters, and their lengths. */
const HEADER_BYTES = 80;
/** Of a span; a micro-batch may have records of as many traces. */
const MAX_LINKS = 16;

const decoder = new TextDecoder();

/** Records name the span that published them. */
export function traceRecords(publisher: RecordPublisher): RecordPublisher {
  return {
    ...publisher,
    maxRecordBytes: async (topic) => (await publisher.maxRecordBytes(topic)) - HEADER_BYTES,
    publishOnce(publication) {
      const add = createTracer();
      const batches = publication.batches.map(({ topic, records }) => ({ topic, records: add(records) }));
      return publisher.publishOnce({ ...publication, batches });
    },
    publishRows(publication) {
      return publisher.publishRows({ ...publication, chunks: mapChunks(publication.chunks, createTracer()) });
    },
  };
}

type AddTrace = (records: Iterable<OutgoingRecord>) => Iterable<OutgoingRecord>;

function createTracer(): AddTrace {
  const traceparent = activeTraceparent();
  if (traceparent === undefined) return (records) => records;
  // Neighbours share one array of headers, which the publisher encodes once.
  let last: OutgoingRecord['headers'] | undefined;
  let traced: OutgoingRecord['headers'] = [];
  return function* add(records) {
    for (const record of records) {
      const { headers } = record;
      if (headers !== last) {
        last = headers;
        // A dead letter keeps the trace of its record.
        const isTraced = headers.some(([name]) => name === HEADER);
        traced = isTraced ? headers : [...headers, [HEADER, traceparent]];
      }
      yield { ...record, headers: traced };
    }
  };
}

async function* mapChunks(
  chunks: AsyncIterable<Iterable<OutgoingRecord>>,
  add: AddTrace,
): AsyncIterable<Iterable<OutgoingRecord>> {
  for await (const chunk of chunks) yield add(chunk);
}

/** Links the span that reads records with those that published them. */
export function traceReads(reader: RecordReader): RecordReader {
  return {
    async readRanges({ onRecord, ...read }) {
      const found = new Set<string>();
      const look = createLook(found);
      try {
        return await reader.readRanges({
          ...read,
          onRecord(record, leave) {
            look(record);
            onRecord(record, leave);
          },
        });
      } finally {
        linkActiveSpan(found);
      }
    },
  };
}

function createLook(found: Set<string>): (record: LogRecord) => void {
  let last: LogRecord['headers'] | undefined;
  return ({ headers }) => {
    if (headers === last || found.size === MAX_LINKS) return;
    last = headers;
    const bytes = headers.find(([name]) => name === HEADER)?.[1];
    if (bytes) found.add(decoder.decode(bytes));
  };
}

/** Of the span that is active; undefined when there is none. */
function activeTraceparent(): string | undefined {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent;
}

function linkActiveSpan(traceparents: Iterable<string>): void {
  const span = trace.getActiveSpan();
  for (const traceparent of traceparents) {
    const other = trace.getSpanContext(propagation.extract(context.active(), { traceparent }));
    // An invalid header leaves the active span in place.
    if (other && other.spanId !== span?.spanContext().spanId) span?.addLink({ context: other });
  }
}
