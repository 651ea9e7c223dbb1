import type { Client } from '@temporalio/client';
import { expect, test } from 'vitest';
import { UsageError } from '../../../../src/cli/shared/exit.ts';
import { setUpNamespace } from '../../../../src/cli/local/setup.ts';

/** A server that answers the list of search attributes with a gRPC error. */
function refusing(code: number): Client {
  const error = Object.assign(new Error(`code ${code}`), { code, details: '', metadata: {} });
  const operatorService = { listSearchAttributes: () => Promise.reject(error) };
  return { connection: { operatorService }, options: { namespace: 'imdb.a1b2c' } } as unknown as Client;
}

test.for([7, 12, 16])('a refused setup (gRPC %i) names the commands to run instead', async (code) => {
  const refused = setUpNamespace(refusing(code));

  await expect(refused).rejects.toThrow(UsageError);
  await expect(refused).rejects.toThrow('Runs work without them');
  await expect(refused).rejects.toThrow(
    'temporal operator search-attribute create --namespace imdb.a1b2c --name PipelineState --type Keyword',
  );
  await expect(refused).rejects.toThrow('tcld namespace search-attributes add --namespace imdb.a1b2c');
});

test('an unavailable server is not reported as a refusal', async () => {
  await expect(setUpNamespace(refusing(14))).rejects.not.toThrow(UsageError);
});
