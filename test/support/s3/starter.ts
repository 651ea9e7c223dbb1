import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startS3Mock, type S3Server } from './s3-mock.ts';

export interface S3Starter {
  /** The first request starts the server; each is answered with its URL. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * One S3 server for all files that need one, and none for the others: its start takes as long as many tests.
 * `IMDB_TEST_S3` is the URL of one that is running already, with the bucket of `s3-mock.ts`.
 */
export async function createS3Starter(options: {
  readonly cacheDir: string;
  readonly stateDir: string;
}): Promise<S3Starter> {
  let starting: Promise<S3Server> | undefined;
  const start = async (): Promise<string> => {
    const running = process.env['IMDB_TEST_S3'];
    if (running) return running;
    await mkdir(options.stateDir, { recursive: true });
    starting ??= startS3Mock(options);
    return (await starting).url;
  };
  const server = createServer((_, response) => {
    start().then(
      (url) => response.end(url),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.close();
      await starting?.then(
        (s3) => s3.stop(),
        () => undefined,
      );
    },
  };
}
