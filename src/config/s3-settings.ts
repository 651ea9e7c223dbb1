/** How to reach an object store. What is not set here is left to the chain of the AWS SDK: profiles, roles, metadata. */
export interface S3Settings {
  readonly region: string | undefined;
  /** Of another server than AWS's own. */
  readonly endpoint: string | undefined;
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`. */
  readonly forcePathStyle: boolean;
  readonly encryption: S3Encryption | undefined;
  readonly credentials: S3Credentials | undefined;
}

export interface S3Encryption {
  readonly algorithm: 'AES256' | 'aws:kms';
  readonly kmsKeyId: string | undefined;
}

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface S3Values {
  readonly AWS_REGION?: string | undefined;
  readonly AWS_ENDPOINT_URL?: string | undefined;
  readonly AWS_ENDPOINT_URL_S3?: string | undefined;
  readonly AWS_ACCESS_KEY_ID?: string | undefined;
  readonly AWS_SECRET_ACCESS_KEY?: string | undefined;
  readonly AWS_SESSION_TOKEN?: string | undefined;
  readonly S3_FORCE_PATH_STYLE: 'true' | 'false';
  readonly S3_SERVER_SIDE_ENCRYPTION?: S3Encryption['algorithm'] | undefined;
  readonly S3_KMS_KEY_ID?: string | undefined;
}

/** Servers other than AWS's have no regions, but a signature contains one. */
const REGION_OF_OTHERS = 'us-east-1';

export function toS3Settings(values: S3Values): S3Settings {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = values;
  const sessionToken = values.AWS_SESSION_TOKEN;
  const endpoint = values.AWS_ENDPOINT_URL_S3 ?? values.AWS_ENDPOINT_URL;
  const algorithm = values.S3_SERVER_SIDE_ENCRYPTION;
  return {
    region: values.AWS_REGION ?? (endpoint === undefined ? undefined : REGION_OF_OTHERS),
    endpoint,
    forcePathStyle: values.S3_FORCE_PATH_STYLE === 'true',
    encryption: algorithm && { algorithm, kmsKeyId: values.S3_KMS_KEY_ID },
    credentials:
      accessKeyId !== undefined && secretAccessKey !== undefined
        ? { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
        : undefined,
  };
}
