import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseEnv, promisify } from 'node:util';
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import type { ICronJob } from 'kubernetes-models/batch/v1/CronJob';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import type { IScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject';
import { expect, test } from 'vitest';
import { loadConfig } from '../../../src/config.ts';
import { parseRoles, ROLES, taskQueueOf, TASKS_OF } from '../../../src/domain/roles.ts';
import {
  readKustomization,
  readManifests,
  schemaProblems,
  typeProblems,
} from '../../support/kubernetes-manifests.ts';

const ROOT = new URL('../../../', import.meta.url);
const FOLDERS = ['deploy/kubernetes/base', 'deploy/kubernetes/autoscaling'] as const;

function read(file: string): Promise<string> {
  return readFile(new URL(file, ROOT), 'utf8');
}

function at(folder: string): URL {
  return new URL(`${folder}/`, ROOT);
}

const manifests = (await Promise.all(FOLDERS.map((folder) => readManifests(at(folder))))).flat();
const settings = parseEnv(await read('deploy/kubernetes/base/settings.env')) as Record<string, string>;
const config = loadConfig(settings);
const dockerfile = await read('Dockerfile');

function ofKind<Kind>(kind: string): Kind[] {
  return manifests.filter((manifest) => manifest.kind === kind) as Kind[];
}

const deployments = ofKind<IDeployment>('Deployment').map(({ metadata, spec }) => ({
  name: metadata?.name ?? '',
  pod: spec?.template.spec ?? expect.fail('a Deployment without pods'),
}));
const [collection] = ofKind<ICronJob>('CronJob');
const collectionPod = collection?.spec?.jobTemplate.spec?.template.spec ?? expect.fail('no CronJob');
const pods = [...deployments.map(({ pod }) => pod), collectionPod];
const containers = pods.flatMap((pod) => pod.containers);

/** Of a Deployment with workers. */
function rolesOf({ containers: [container] }: (typeof pods)[number]): readonly string[] {
  const [, list = ''] = /^--roles=(.+)$/.exec(container?.args?.[1] ?? '') ?? [];
  return parseRoles(list) ?? [];
}

test('every manifest satisfies the JSON schema of its kind', async () => {
  expect(manifests.length).toBeGreaterThan(8);
  expect(await schemaProblems(manifests)).toEqual([]);
});

test('no manifest has a field that its kind does not know', () => {
  expect(typeProblems(manifests)).toEqual([]);
});

test.for(FOLDERS)('the kustomization of %s lists every file that is there', async (folder) => {
  const { resources, configMapGenerator = [], configurations = [] } = await readKustomization(at(folder));
  const listed = [...resources, ...configMapGenerator.flatMap(({ envs }) => envs), ...configurations];

  const files = await readdir(at(folder));
  expect(listed.filter((file) => !file.startsWith('../')).sort()).toEqual(
    files.filter((file) => file !== 'kustomization.yaml').sort(),
  );
});

test('the manifests start the release of this version', async () => {
  const { images } = await readKustomization(at('deploy/kubernetes/base'));
  const { version } = JSON.parse(await read('package.json')) as { readonly version: string };

  expect(images).toEqual([{ name: containers[0]?.image, newTag: version }]);
  expect(new Set(containers.map(({ image }) => image)).size).toBe(1);
});

const run = promisify(execFile);
const hasKustomize = await run('kubectl', ['kustomize', '--help']).then(
  () => true,
  () => false,
);

test.skipIf(!hasKustomize).for(FOLDERS)('kubectl builds %s', async (folder) => {
  const { stdout } = await run('kubectl', ['kustomize', fileURLToPath(at(folder))]);

  // The generated name is in every pod.
  expect(stdout.match(/name: imdb-settings-\w+/g)).toHaveLength(pods.length + 1);
});

test('every variable of the settings and the pods is documented', async () => {
  const known = [...(await read('.env.example')).matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name);
  const fromEnvironment = ofKind<IScaledObject>('ScaledObject').flatMap(({ spec }) =>
    spec.triggers.flatMap(({ metadata }) =>
      Object.entries(metadata).flatMap(([key, value]) => (key.endsWith('FromEnv') ? [value] : [])),
    ),
  );
  const used = [
    ...Object.keys(settings),
    ...containers.flatMap(({ env = [] }) => env.map(({ name }) => name)),
    ...fromEnvironment,
  ];

  expect(fromEnvironment).toContain('TEMPORAL_API_KEY');
  expect(used.filter((name) => !known.includes(name))).toEqual([]);
});

test('secrets are only referred to', () => {
  expect(ofKind('Secret')).toEqual([]);
  expect(Object.keys(settings).filter((name) => /KEY|SECRET|PASSWORD|TOKEN/.test(name))).toEqual([]);
  for (const { env = [], envFrom } of containers) {
    expect(env.filter(({ value }) => value !== undefined)).toEqual([]);
    expect(envFrom).toEqual([
      { configMapRef: { name: 'imdb-settings' } },
      { secretRef: { name: 'imdb-secrets' } },
    ]);
  }
});

test('the deployments together take every role once', () => {
  expect(deployments.flatMap(({ pod }) => rolesOf(pod)).sort()).toEqual([...ROLES].sort());
});

test('containers start what the image starts', async () => {
  const [, started = ''] = /^CMD (\[.+\])$/m.exec(dockerfile) ?? [];
  const [program, script, command] = JSON.parse(started) as string[];

  for (const container of containers) expect(container.command).toEqual([program, script]);
  for (const { pod } of deployments) expect(pod.containers[0]?.args?.[0]).toBe(command);
  expect(collectionPod.containers[0]?.args).toEqual([
    'artifacts',
    'gc',
    expect.stringMatching(/^--keep-days=\d+$/),
  ]);
});

test('pods satisfy the restricted Pod Security Standard and write to /tmp only', () => {
  const [, user] = /^USER (\d+):\d+$/m.exec(dockerfile) ?? [];
  for (const { securityContext, volumes } of pods) {
    expect(securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: Number(user),
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(volumes).toEqual([{ name: 'tmp', emptyDir: expect.anything() as unknown }]);
  }
  for (const { securityContext, volumeMounts } of containers) {
    expect(securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(volumeMounts).toEqual([{ name: 'tmp', mountPath: '/tmp' }]);
  }
});

test('artifacts and data are in the object store, because pods keep nothing', () => {
  expect([config.artifacts.kind, config.data.kind]).toEqual(['s3', 's3']);
});

test('probes and Prometheus ask the port that serves metrics', () => {
  const port = config.metrics?.port;
  expect(dockerfile).toContain(`METRICS_PORT=${port}\n`);
  for (const { spec } of ofKind<IDeployment>('Deployment')) {
    const [container] = spec?.template.spec?.containers ?? [];
    expect(container?.ports).toEqual([{ name: 'metrics', containerPort: port }]);
    expect(container?.livenessProbe?.httpGet).toEqual({ path: '/health', port: 'metrics' });
    expect(container?.readinessProbe?.httpGet).toEqual({ path: '/ready', port: 'metrics' });
    expect(spec?.template.metadata?.annotations).toMatchObject({
      'prometheus.io/port': `${port}`,
      'prometheus.io/path': '/metrics',
    });
  }
});

test('a worker has the time to finish or hand over what it has begun', () => {
  for (const { pod } of deployments)
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(config.workerGraceSeconds + 10);
});

test('the disruption budget counts workers and no Job', () => {
  const [budget] = ofKind<IPodDisruptionBudget>('PodDisruptionBudget');
  const name = budget?.spec?.selector?.matchLabels?.['app.kubernetes.io/name'];
  const labels = ofKind<IDeployment>('Deployment').map(({ spec }) => spec?.template.metadata?.labels);

  for (const label of labels) expect(label?.['app.kubernetes.io/name']).toBe(name);
  expect(collection?.spec?.jobTemplate.spec?.template.metadata?.labels).not.toMatchObject({
    'app.kubernetes.io/name': name,
  });
});

test('the network policy lets workers reach the servers of the settings', () => {
  const [policy] = ofKind<INetworkPolicy>('NetworkPolicy');
  const open = (policy?.spec?.egress ?? []).flatMap(({ ports = [] }) => ports);
  const { connectionOptions } = config.temporal.connect;
  const addresses = [
    connectionOptions.address ?? '',
    ...config.kafka.brokers,
    'otlp:4318',
    's3:443',
    'dns:53',
  ];
  const closed = addresses
    .map((address) => Number(address.split(':')[1]))
    .filter(
      (port) => !open.some((rule) => port >= Number(rule.port) && port <= Number(rule.endPort ?? rule.port)),
    );

  expect(closed).toEqual([]);
  expect(policy?.spec?.ingress).toEqual([{ ports: [{ port: 'metrics' }] }]);
});

test('each deployment is scaled by the queues of its roles, and never to nothing', () => {
  const scaled = ofKind<IScaledObject>('ScaledObject').map(({ spec }) => [
    spec.scaleTargetRef.name,
    spec.triggers.map(({ type, metadata }) => [type, metadata['taskQueue'], metadata['queueTypes']]),
  ]);
  const expected = deployments.map(({ name, pod }) => {
    const roles = ROLES.filter((role) => rolesOf(pod).includes(role));
    const queues = new Set(roles.map((role) => taskQueueOf(role, config.taskQueue)));
    const kinds = new Set(roles.flatMap((role) => TASKS_OF[role]));
    return [name, [...queues].map((queue) => ['temporal', queue, [...kinds].join(',')])];
  });

  expect(Object.fromEntries(scaled)).toEqual(Object.fromEntries(expected));
  for (const { spec } of ofKind<IScaledObject>('ScaledObject'))
    expect(spec.minReplicaCount).toBeGreaterThan(0);
});
