import type { RefinementCtx } from 'zod';

export interface MlflowSettings {
  /** Of the tracking server, without a slash at the end. */
  readonly url: string;
  /** Name of the experiment that runs are logged to. */
  readonly experiment: string;
  /** The header that lets a request in; secret. */
  readonly authorization: string | undefined;
}

interface MlflowValues {
  readonly MLFLOW_TRACKING_URI?: string | undefined;
  readonly MLFLOW_TRACKING_TOKEN?: string | undefined;
  readonly MLFLOW_TRACKING_USERNAME?: string | undefined;
  readonly MLFLOW_TRACKING_PASSWORD?: string | undefined;
  readonly MLFLOW_EXPERIMENT_NAME: string;
}

/** One way to log in, and only with a server to log in to. */
export function requireMlflow(values: MlflowValues, context: RefinementCtx): void {
  const { MLFLOW_TRACKING_URI: uri, MLFLOW_TRACKING_TOKEN: token, MLFLOW_TRACKING_USERNAME: user } = values;
  const refuse = (name: string, message: string): void => {
    context.addIssue({ code: 'custom', path: [name], message });
  };
  const given = token !== undefined ? 'MLFLOW_TRACKING_TOKEN' : user && 'MLFLOW_TRACKING_USERNAME';
  if (given && uri === undefined) refuse('MLFLOW_TRACKING_URI', `is missing (${given} is set)`);
  if (token !== undefined && user !== undefined) {
    refuse('MLFLOW_TRACKING_TOKEN', 'must not be set with MLFLOW_TRACKING_USERNAME: a request has one login');
  }
}

/** Undefined without a server. */
export function mlflowOf(values: MlflowValues): MlflowSettings | undefined {
  const { MLFLOW_TRACKING_URI: uri, MLFLOW_EXPERIMENT_NAME: experiment } = values;
  if (uri === undefined) return undefined;
  return { url: uri.replace(/\/+$/, ''), experiment, authorization: authorizationOf(values) };
}

function authorizationOf({
  MLFLOW_TRACKING_TOKEN: token,
  MLFLOW_TRACKING_USERNAME: user,
  MLFLOW_TRACKING_PASSWORD: password,
}: MlflowValues): string | undefined {
  if (token !== undefined) return `Bearer ${token}`;
  if (user === undefined) return undefined;
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
