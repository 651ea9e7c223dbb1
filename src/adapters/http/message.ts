/** A notification as its receiver reads it. */
export interface Message {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}
