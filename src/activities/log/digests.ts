/** Port: SHA-256, hex. */
export interface Digests {
  sha256(content: string | Uint8Array): string;
  /** Of content that arrives in pieces. */
  createSha256(): { update(content: string | Uint8Array): void; value(): string };
}
