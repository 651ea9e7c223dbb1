import { type Client, ServiceError } from '@temporalio/client';

/** Only the methods of the client that limit its calls. */
export const fakeClient = {
  withDeadline: (_: number, work: () => Promise<unknown>) => work(),
  withAbortSignal: (signal: AbortSignal, work: () => Promise<unknown>) =>
    Promise.race([
      work(),
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(grpcError(1, 'CANCELLED'));
        });
      }),
    ]),
} as unknown as Client;

/** A server error, wrapped as the client does it. */
export function grpcError(code: number, name: string): ServiceError {
  const message = `${code} ${name}: because`;
  const cause = Object.assign(new Error(message), { code, details: 'because', metadata: {} });
  return new ServiceError('Failed to query Workflow', { cause });
}
