import { join } from 'node:path';
import type { Admin } from 'kafkajs';
import { inject } from 'vitest';
import { createEnvironment, test as base } from '../environment.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { prepareSecuredListeners, type SecuredListeners } from './secured-listener.ts';

interface SecuredCluster {
  readonly cluster: Cluster;
  readonly secured: SecuredListeners;
}

/** The files of the project run one after the other in one process: all of them share the cluster. */
let shared: Promise<SecuredCluster> | undefined;

function openCluster(): Promise<SecuredCluster> {
  return (shared ??= startSecuredCluster(inject('clusterDir')));
}

async function startSecuredCluster(directory: string): Promise<SecuredCluster> {
  const secured = await prepareSecuredListeners(join(directory, 'certificates'));
  const cluster = await startCluster({ libDir: inject('kafkaLibDir'), directory, ...secured.options });
  return { cluster, secured };
}

async function closeCluster(): Promise<void> {
  const opened = shared;
  shared = undefined;
  await (await opened)?.cluster.stop();
}

/** Tests on three brokers, each of which finds the cluster as it was at its start. */
export const test = base
  .extend('sharedCluster', { scope: 'worker' }, async ({}, { onCleanup }) => {
    onCleanup(closeCluster);
    return openCluster();
  })
  .extend('environment', { scope: 'file' }, async ({ sharedCluster }, { onCleanup }) =>
    createEnvironment(sharedCluster.cluster.addresses.join(','), onCleanup),
  )
  .extend('admin', { scope: 'file' }, async ({ environment: { kafka } }, { onCleanup }): Promise<Admin> => {
    const admin = kafka.admin();
    await admin.connect();
    onCleanup(() => admin.disconnect());
    return admin;
  })
  .extend('cluster', async ({ sharedCluster }, { onCleanup }) => {
    onCleanup(() => sharedCluster.cluster.heal());
    return sharedCluster.cluster;
  })
  .extend('listeners', { scope: 'worker' }, async ({ sharedCluster }) => sharedCluster.secured);
