import type { WorkflowHandle } from '@temporalio/client';

/** Everything that the server knows about a workflow, payloads decoded. */
export async function knownOf(handle: WorkflowHandle): Promise<string> {
  const texts: string[] = [];
  const collect = (value: unknown): void => {
    if (value instanceof Uint8Array) texts.push(Buffer.from(value).toString());
    else if (typeof value === 'string') texts.push(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
  };
  collect([await handle.fetchHistory(), (await handle.describe()).raw]);
  return texts.join('\n');
}
