/** Port: SHA-256, hex. */
export interface Digests {
  sha256(content: string | Uint8Array): string;
  /** Of content that arrives in pieces. */
  createSha256(): { update(content: string | Uint8Array): void; value(): string };
  /** Of a record's key and value as stored in Kafka. */
  record(record: {
    readonly key: string | Uint8Array | null;
    readonly value: string | Uint8Array | null;
  }): string;
}
