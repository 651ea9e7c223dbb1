import type { MlflowSettings } from '../../config/mlflow-settings.ts';
import { AccessError, MlflowError, MlflowRefused, type PipelineError } from '../../domain/errors.ts';
import { oneLine } from '../../domain/text.ts';

/** What MLflow says; names as on the wire. */
export type Json = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly status: number;
  readonly isOk: boolean;
  readonly text: string;
}

/** Enough for a reason; a database adds its statements. */
const MAX_ANSWER_CHARS = 300;
const RETRIED = 'Retried for an hour; then the run completes without MLflow';

/** Node's codes of a certificate that it does not accept. */
const CERTIFICATE = /^(CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/** The request was not answered. */
export function noAnswer(error: unknown, { url }: MlflowSettings): PipelineError {
  const { code, message } = causeOf(error);
  if (code !== undefined && CERTIFICATE.test(code)) {
    return new AccessError({
      what: 'MLflow’s certificate is not accepted',
      where: originOf(url),
      expected: 'a certificate of this host that is valid and from an authority that Node trusts',
      got: code,
      hint: 'Renew the certificate, name its host in MLFLOW_TRACKING_URI, or set NODE_EXTRA_CA_CERTS to its authority',
      cause: error,
    });
  }
  return new MlflowError({
    what: 'MLflow does not answer',
    where: originOf(url),
    got: message,
    hint: `${RETRIED}; check MLFLOW_TRACKING_URI if the server is running`,
    cause: error,
  });
}

/** What an answer means that is no success. */
export function refusal(
  what: string,
  { status, text }: Answer,
  json: Json | undefined,
  settings: MlflowSettings,
): PipelineError {
  const where = `${originOf(settings.url)}, ${what}`;
  const code = typeof json?.['error_code'] === 'string' ? json['error_code'] : undefined;
  const said = code === undefined ? oneLine(text) : `${code}: ${oneLine(textOf(json?.['message']))}`;
  const got = `status ${status}: ${said.slice(0, MAX_ANSWER_CHARS)}`;
  if (status === 401 || status === 403 || code === 'PERMISSION_DENIED') return noAccess(where, got, settings);
  // A conflict in its database is one with another attempt; the next one sees what that has written.
  const isOutage = status === 408 || status === 429 || status >= 500 || code === 'BAD_REQUEST';
  if (isOutage) {
    return new MlflowError({ what: 'MLflow cannot answer now', where, got, hint: RETRIED });
  }
  if (code === undefined) {
    return new MlflowError({
      what: 'the answer is not JSON, so it is not from MLflow’s API',
      where,
      expected: 'JSON from an MLflow tracking server, version 3 or later',
      got,
      hint: 'Correct MLFLOW_TRACKING_URI and restart the worker, or check the proxy in front of MLflow',
    });
  }
  return new MlflowRefused({
    what: 'MLflow refuses a request',
    where,
    got,
    hint: 'Correct what MLflow names, then reset the run to "log to mlflow"',
  });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function noAccess(where: string, got: string, { authorization }: MlflowSettings): AccessError {
  const expected =
    authorization === undefined
      ? 'a login: MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD'
      : 'a login that MLflow knows and that may write to the experiment and the model';
  return new AccessError({
    what: 'MLflow does not let this worker in',
    where,
    expected,
    got,
    hint: 'Grant the permission, or correct MLFLOW_TRACKING_TOKEN, MLFLOW_TRACKING_USERNAME or MLFLOW_TRACKING_PASSWORD and restart the worker',
  });
}

export function deletedExperiment(name: string, id: string): MlflowRefused {
  return new MlflowRefused({
    what: `the experiment "${name}" is deleted`,
    where: `experiment ${id}`,
    expected: 'an active experiment, or none of that name',
    hint: `Restore it (mlflow experiments restore --experiment-id ${id}), or name another one in MLFLOW_EXPERIMENT_NAME and restart the worker. Then reset the run to "log to mlflow"`,
  });
}

export function noUploads(artifactUri: string): MlflowRefused {
  return new MlflowRefused({
    what: 'this MLflow server takes no files over HTTP',
    where: artifactUri,
    expected: 'an artifact location that begins with mlflow-artifacts:/',
    hint: 'Start the server with --serve-artifacts and --artifacts-destination, and name a new experiment in MLFLOW_EXPERIMENT_NAME. Then reset the run to "log to mlflow"',
  });
}

/** A path may contain what only operators should see. */
function originOf(url: string): string {
  return new URL(url).origin;
}

/** The message of fetch is "fetch failed"; its cause has the reason. */
function causeOf(error: unknown): { readonly code: string | undefined; readonly message: string } {
  const { message, cause } = error as Error;
  const inner = (cause instanceof Error ? cause : error) as Error & { readonly code?: unknown };
  const code = typeof inner.code === 'string' ? inner.code : undefined;
  return { code, message: inner.message === '' ? (code ?? message) : inner.message };
}
