export interface SchemaRegistrySettings {
  /** Without a slash at its end. */
  readonly url: string;
  readonly login: { readonly key: string; readonly secret: string } | undefined;
}

interface SchemaRegistryValues {
  readonly SCHEMA_REGISTRY_URL?: string | undefined;
  readonly SCHEMA_REGISTRY_KEY?: string | undefined;
  readonly SCHEMA_REGISTRY_SECRET?: string | undefined;
}

/** Undefined without a URL. */
export function toSchemaRegistry(values: SchemaRegistryValues): SchemaRegistrySettings | undefined {
  const { SCHEMA_REGISTRY_URL: url, SCHEMA_REGISTRY_KEY: key, SCHEMA_REGISTRY_SECRET: secret } = values;
  if (url === undefined) return undefined;
  const login = key !== undefined && secret !== undefined ? { key, secret } : undefined;
  return { url: url.replace(/\/+$/, ''), login };
}
