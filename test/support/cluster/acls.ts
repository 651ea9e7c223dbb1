import kafkajs, { type AclEntry } from 'kafkajs';
import type { NeededPermission } from '../../../src/adapters/kafka/errors/permissions.ts';
import type { Cluster } from './cluster.ts';
import { USER } from './secured-listener.ts';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

const RESOURCE_TYPES = {
  topic: AclResourceTypes.TOPIC,
  group: AclResourceTypes.GROUP,
  'transactional id': AclResourceTypes.TRANSACTIONAL_ID,
  cluster: AclResourceTypes.CLUSTER,
} as const;

const PRINCIPAL = `User:${USER.username}`;

/** Permits the user this and nothing else. Each broker learns of it a moment later. */
export async function permitOnly(
  { kafka }: Cluster,
  topicPrefix: string,
  permissions: readonly NeededPermission[],
): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    await admin.deleteAcls({
      filters: [
        {
          principal: PRINCIPAL,
          resourceType: AclResourceTypes.ANY,
          resourcePatternType: ResourcePatternTypes.ANY,
          operation: AclOperationTypes.ANY,
          permissionType: AclPermissionTypes.ANY,
        },
      ],
    });
    const acl = permissions.flatMap(({ resource, prefix = topicPrefix, operations }) =>
      operations.map((operation): AclEntry => ({
        principal: PRINCIPAL,
        host: '*',
        resourceType: RESOURCE_TYPES[resource],
        resourceName: prefix,
        resourcePatternType: ResourcePatternTypes.PREFIXED,
        operation: AclOperationTypes[operation as keyof typeof AclOperationTypes],
        permissionType: AclPermissionTypes.ALLOW,
      })),
    );
    if (acl.length > 0) await admin.createAcls({ acl });
  } finally {
    await admin.disconnect();
  }
}
