import type { MlflowSettings } from '../../config/mlflow-settings.ts';
import { type Answer, type Json, noAnswer, refusal } from './errors.ts';

/** A call takes milliseconds; a busy server takes longer. */
const CALL_MS = 30_000;
const UPLOAD_MS = 10 * 60_000;
const API = '/api/2.0/mlflow';
const ARTIFACTS = '/api/2.0/mlflow-artifacts/artifacts';

interface Request {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  readonly query?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** MLflow's code of an error that is an answer, too: null is returned. */
  readonly unless?: 'RESOURCE_ALREADY_EXISTS' | 'RESOURCE_DOES_NOT_EXIST';
}

interface Sent {
  readonly method: string;
  readonly content: { readonly body: string | Uint8Array<ArrayBuffer>; readonly type: string } | undefined;
}

export type MlflowClient = ReturnType<typeof createMlflowClient>;

/** MLflow's REST API. @see https://mlflow.org/docs/latest/rest-api.html */
export function createMlflowClient(settings: MlflowSettings) {
  const { url, authorization } = settings;

  async function send(path: string, sent: Sent, signal: AbortSignal, ms: number): Promise<Answer> {
    const { method, content } = sent;
    try {
      const answer = await fetch(`${url}${path}`, {
        method,
        ...(content && { body: content.body }),
        headers: {
          ...(content && { 'content-type': content.type }),
          ...(authorization !== undefined && { authorization }),
        },
        // A redirect may lead to a login page, and the login of this worker must not go to another server.
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(ms)]),
      });
      return { status: answer.status, isOk: answer.ok, text: await answer.text() };
    } catch (error) {
      signal.throwIfAborted();
      throw noAnswer(error, settings);
    }
  }

  return {
    /** @returns null for the error named by `unless` @throws MlflowError, MlflowRefused, AccessError */
    async call({ method, path, body, query, signal, unless }: Request): Promise<Json | null> {
      const search = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`;
      const content = body && { body: JSON.stringify(body), type: 'application/json' };
      const answer = await send(`${API}/${path}${search}`, { method, content }, signal, CALL_MS);
      const json = toJson(answer.text);
      if (answer.isOk && json) return json;
      if (unless !== undefined && json?.['error_code'] === unless) return null;
      throw refusal(`${method} ${path}`, answer, json, settings);
    },

    /** @param path below the server's artifact root */
    async upload(path: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
      const encoded = path.split('/').map(encodeURIComponent).join('/');
      const content = { body: bytes as Uint8Array<ArrayBuffer>, type: 'application/octet-stream' };
      const answer = await send(`${ARTIFACTS}/${encoded}`, { method: 'PUT', content }, signal, UPLOAD_MS);
      if (!answer.isOk) throw refusal('PUT artifacts', answer, toJson(answer.text), settings);
    },
  };
}

function toJson(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}
