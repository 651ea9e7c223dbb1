import type { Environment } from '../environment-schema.ts';

/** Of OTLP over HTTP. */
export interface TraceSettings {
  readonly url: string;
  /** Secret. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Undefined without a collector. */
export function tracesOf(
  values: Pick<Environment, 'OTEL_EXPORTER_OTLP_ENDPOINT' | 'OTEL_EXPORTER_OTLP_HEADERS'>,
): TraceSettings | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers } = values;
  if (endpoint === undefined) return undefined;
  return { url: `${endpoint.replace(/\/$/, '')}/v1/traces`, headers: toHeaders(headers ?? '') };
}

/** `name=value,name=value`, percent-encoded */
function toHeaders(text: string): Record<string, string> {
  const pairs = text === '' ? [] : text.split(',').map((pair) => /^([^=]+)=(.*)$/s.exec(pair.trim()) ?? []);
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name.trim(), decode(value.trim())]));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
