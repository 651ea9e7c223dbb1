import { expect, test } from 'vitest';
import { loadConfig } from '../../../src/config.ts';

test('a collector gets its headers decoded, and they are secrets', () => {
  const { traces, secrets } = loadConfig({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc=, x-tenant = films',
  });

  const headers = { authorization: 'Bearer abc=', 'x-tenant': 'films' };
  expect(traces).toEqual({ url: 'http://collector:4318/v1/traces', headers });
  expect(secrets).toEqual(expect.arrayContaining(['Bearer abc=', 'films']));
});

test('without a collector nothing is traced, and without a port nothing is measured', () => {
  const { traces, metrics } = loadConfig({ OTEL_EXPORTER_OTLP_HEADERS: 'a=b', METRICS_HOST: '127.0.0.1' });

  expect({ traces, metrics }).toEqual({ traces: undefined, metrics: undefined });
  expect(loadConfig({ METRICS_PORT: '9464' }).metrics).toEqual({ port: 9464 });
});

test('an address with a password is refused without showing it', () => {
  const load = () => loadConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://u:s3cret@collector:4318' });

  expect(load).toThrow(/OTEL_EXPORTER_OTLP_ENDPOINT must not contain a user or password/);
  expect(load).not.toThrow(/s3cret/);
});
