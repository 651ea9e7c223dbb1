import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KafkaSettings } from '../../../src/config.ts';
import { createAuthority, type Authority } from './certificates.ts';
import type { Cluster, ClusterOptions } from './cluster.ts';

/** Listeners with TLS. `SECURED` wants a login, `MUTUAL` a certificate; the certificates of the others are wrong. */
export const LISTENERS = {
  SECURED: 'SASL_SSL',
  MUTUAL: 'SSL',
  EXPIRED: 'SSL',
  ELSEWHERE: 'SSL',
} as const;

/** May do only what an ACL permits. */
export const USER = { username: 'imdb', password: 'kafka-password-of-imdb' } as const;

export interface SecuredListeners {
  readonly authority: Authority;
  readonly options: Required<Pick<ClusterOptions, 'listeners' | 'properties' | 'formatArgs'>>;
}

/** Writes the keys of the brokers. The plain listener stays open: its clients are super users. */
export async function prepareSecuredListeners(directory: string): Promise<SecuredListeners> {
  const authority = createAuthority('authority of the tests');
  const expired = authority.issue('broker', { validUntil: new Date('2024-01-31') });
  const certificates = {
    good: authority.issue('broker'),
    expired,
    elsewhere: authority.issue('broker', { hosts: ['kafka.example'] }),
  };
  await mkdir(directory, { recursive: true });
  const pathOf = (name: string) => join(directory, `${name}.pem`);
  await writeFile(pathOf('authority'), authority.cert);
  for (const [name, { key, cert }] of Object.entries(certificates)) await writeFile(pathOf(name), key + cert);

  const tls = (listener: keyof typeof LISTENERS, certificate: keyof typeof certificates) => {
    const prefix = `listener.name.${listener.toLowerCase()}.ssl`;
    return {
      [`${prefix}.keystore.type`]: 'PEM',
      [`${prefix}.keystore.location`]: pathOf(certificate),
      [`${prefix}.truststore.type`]: 'PEM',
      [`${prefix}.truststore.location`]: pathOf('authority'),
    };
  };
  const login = 'listener.name.secured';
  return {
    authority,
    options: {
      listeners: Object.entries(LISTENERS).map(([name, protocol]) => ({ name, protocol })),
      formatArgs: ['--add-scram', `SCRAM-SHA-512=[name=${USER.username},password=${USER.password}]`],
      properties: {
        ...tls('SECURED', 'good'),
        ...tls('MUTUAL', 'good'),
        ...tls('EXPIRED', 'expired'),
        ...tls('ELSEWHERE', 'elsewhere'),
        'listener.name.mutual.ssl.client.auth': 'required',
        [`${login}.sasl.enabled.mechanisms`]: 'SCRAM-SHA-512,PLAIN',
        [`${login}.scram-sha-512.sasl.jaas.config`]:
          'org.apache.kafka.common.security.scram.ScramLoginModule required;',
        [`${login}.plain.sasl.jaas.config`]:
          'org.apache.kafka.common.security.plain.PlainLoginModule required ' +
          `user_${USER.username}="${USER.password}";`,
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': 'User:ANONYMOUS',
      },
    },
  };
}

/** How a worker reaches a listener; it trusts the authority of the tests, and logs in where that is wanted. */
export function settingsOf(
  cluster: Cluster,
  { authority }: SecuredListeners,
  listener: keyof typeof LISTENERS = 'SECURED',
): KafkaSettings {
  return {
    brokers: cluster.brokers.map(({ addressOf }) => addressOf(listener)),
    ssl: { ca: authority.cert },
    ...(listener === 'SECURED' && { sasl: { mechanism: 'scram-sha-512', ...USER } }),
  };
}
