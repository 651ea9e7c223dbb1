import { inject } from 'vitest';
import { createEnvironment, test as base } from '../environment.ts';
import { startCluster, type Cluster } from './cluster.ts';

/** The files of the project run one after the other in one process: all of them share the cluster. */
let shared: Promise<Cluster> | undefined;

function openCluster(): Promise<Cluster> {
  return (shared ??= startCluster({ libDir: inject('kafkaLibDir'), directory: inject('clusterDir') }));
}

async function closeCluster(): Promise<void> {
  const cluster = shared;
  shared = undefined;
  await (await cluster)?.stop();
}

/** Tests on three brokers, each of which finds the cluster as it was at its start. */
export const test = base
  .extend('sharedCluster', { scope: 'worker' }, async ({}, { onCleanup }) => {
    onCleanup(closeCluster);
    return openCluster();
  })
  .extend('environment', { scope: 'file' }, async ({ sharedCluster }, { onCleanup }) =>
    createEnvironment(sharedCluster.addresses.join(','), onCleanup),
  )
  .extend('cluster', async ({ sharedCluster }, { onCleanup }) => {
    onCleanup(() => sharedCluster.heal());
    return sharedCluster;
  });
