import { expect, test } from 'vitest';
import { loadConfig } from '../../../src/config.ts';

const URI = 'https://mlflow.example:5000/';

test('nothing is logged to MLflow without its address', () => {
  expect(loadConfig({ MLFLOW_EXPERIMENT_NAME: 'films' }).mlflow).toBeUndefined();
});

test.for<[login: string, env: Readonly<Record<string, string>>, authorization: string | undefined]>([
  ['no login', {}, undefined],
  ['a token', { MLFLOW_TRACKING_TOKEN: 'tracking-token' }, 'Bearer tracking-token'],
  [
    'user and password',
    { MLFLOW_TRACKING_USERNAME: 'user', MLFLOW_TRACKING_PASSWORD: 'pass:word' },
    `Basic ${Buffer.from('user:pass:word').toString('base64')}`,
  ],
])('MLflow is asked with %s', ([, env, authorization]) => {
  expect(loadConfig({ ...env, MLFLOW_TRACKING_URI: URI }).mlflow).toEqual({
    url: 'https://mlflow.example:5000',
    experiment: 'imdb',
    authorization,
  });
});

test.for<[env: Readonly<Record<string, string>>, problem: string]>([
  [{ MLFLOW_TRACKING_TOKEN: 'a' }, 'MLFLOW_TRACKING_URI is missing (MLFLOW_TRACKING_TOKEN is set)'],
  [{ MLFLOW_TRACKING_URI: URI, MLFLOW_TRACKING_USERNAME: 'a' }, 'MLFLOW_TRACKING_PASSWORD is missing'],
  [
    {
      MLFLOW_TRACKING_URI: URI,
      MLFLOW_TRACKING_TOKEN: 'a',
      MLFLOW_TRACKING_USERNAME: 'b',
      MLFLOW_TRACKING_PASSWORD: 'c',
    },
    'a request has one login',
  ],
  [{ MLFLOW_TRACKING_URI: 'databricks' }, 'MLFLOW_TRACKING_URI must be an http(s) URL'],
  [{ MLFLOW_TRACKING_URI: 'http://user:pw@mlflow' }, 'must not contain a user or password'],
])('settings of MLflow that do not fit together are refused: %j', ([env, problem]) => {
  expect(() => loadConfig(env)).toThrow(problem);
});

test('what lets a worker into MLflow is secret', () => {
  const secretsOf = (env: Readonly<Record<string, string>>) =>
    loadConfig({ ...env, MLFLOW_TRACKING_URI: URI }).secrets;

  expect(secretsOf({ MLFLOW_TRACKING_TOKEN: 'tracking-token' })).toContain('tracking-token');
  expect(secretsOf({ MLFLOW_TRACKING_USERNAME: 'user', MLFLOW_TRACKING_PASSWORD: 'password-1' })).toContain(
    'password-1',
  );
});
