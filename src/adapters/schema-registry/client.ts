import type { SchemaRegistrySettings } from '../../config/schema-registry-settings.ts';
import { SchemaRegistryError } from '../../domain/errors.ts';
import { createRedactor } from '../../domain/redaction.ts';

/** A registry that takes longer counts as down. */
const TIMEOUT_MS = 10_000;
const MAX_MESSAGE_CHARS = 600;
const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json';
const ACCEPT = `${CONTENT_TYPE}, application/json`;

export interface Answer {
  readonly status: number;
  /** Of the registry itself: a proxy in front of it has none. 0 without an error. */
  readonly errorCode: number;
  readonly message: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Request {
  /** What fails without an answer: `cannot read schema 7`. */
  readonly what: string;
  readonly path: string;
  /** Makes it a POST. */
  readonly body?: object;
  /** Codes of errors that are answers, too. */
  readonly expected: readonly number[];
  readonly signal: AbortSignal;
}

/** Asks the registry. @throws SchemaRegistryError without an answer that the caller expects */
export type Ask = (request: Request) => Promise<Answer>;

export function createClient({ url, login }: SchemaRegistrySettings): Ask {
  const basic = login && Buffer.from(`${login.key}:${login.secret}`).toString('base64');
  const redact = createRedactor(login ? [login.secret, basic ?? ''] : []);
  const headers = {
    accept: ACCEPT,
    'content-type': CONTENT_TYPE,
    ...(basic !== undefined && { authorization: `Basic ${basic}` }),
  };

  function failed(what: string, got: string, hint: string, cause?: unknown): SchemaRegistryError {
    const shown = redact(got).slice(0, MAX_MESSAGE_CHARS);
    return new SchemaRegistryError({
      what,
      where: url,
      expected: 'an answer of the Schema Registry',
      got: shown,
      hint,
      cause,
    });
  }

  return async ({ what, path, body, expected, signal }) => {
    let response: Response;
    let text: string;
    try {
      response = await fetch(url + path, {
        method: body === undefined ? 'GET' : 'POST',
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
        // A redirect would send the login to a server that the operator did not name.
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      text = await response.text();
    } catch (cause) {
      if (signal.aborted) throw cause;
      throw failed(what, `none: ${reasonOf(cause)}`, AWAY);
    }
    const { status } = response;
    const answer = parseAnswer(status, text);
    if (response.ok && answer !== undefined) return answer;
    if (answer !== undefined && expected.includes(answer.errorCode)) return answer;
    throw failed(what, `status ${status}: ${answer?.message ?? text}`, hintOf(status));
  };
}

const AWAY = 'Retried; check that the registry is running and SCHEMA_REGISTRY_URL is its address';

function hintOf(status: number): string {
  if (status === 401 || status === 403)
    return 'Retried; correct SCHEMA_REGISTRY_KEY and SCHEMA_REGISTRY_SECRET and restart the worker, or grant the permission';
  return status === 404 ? 'Retried; SCHEMA_REGISTRY_URL is not the address of a Schema Registry' : AWAY;
}

function parseAnswer(status: number, text: string): Answer | undefined {
  try {
    const body = JSON.parse(text) as unknown;
    if (typeof body !== 'object' || body === null) return undefined;
    const { error_code: code = 0, message = '' } = body as {
      readonly error_code?: number;
      readonly message?: string;
    };
    return { status, errorCode: code, message, body: body as Answer['body'] };
  } catch {
    return undefined;
  }
}

/** The message of fetch is "fetch failed"; its cause has the reason. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
