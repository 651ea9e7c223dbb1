import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const readProjectFile = (path: string) => readFile(join(ROOT, path), 'utf8');

const dockerfile = await readProjectFile('Dockerfile');
const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map((match) => match[1] ?? '');
const finalStage = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
const [, workdir = ''] = /^WORKDIR (.+)$/m.exec(finalStage) ?? [];

const packageJson = z
  .object({
    name: z.string(),
    license: z.string(),
    scripts: z.object({ start: z.string() }),
  })
  .parse(JSON.parse(await readProjectFile('package.json')));

test('the Dockerfile’s final stage is a glibc image that runs the build', async () => {
  const { compilerOptions } = z
    .object({ compilerOptions: z.object({ outDir: z.string() }) })
    .parse(JSON.parse(await readProjectFile('tsconfig.build.json')));
  const { outDir } = compilerOptions;

  expect(bases.at(-1)).toMatch(/^node:.+-bookworm-slim$/);
  expect(finalStage).toContain(`COPY --from=build ${workdir}/${outDir} ./${outDir}\n`);
  expect(finalStage).toContain(
    `CMD ${JSON.stringify(packageJson.scripts.start.split(' ')).replaceAll(',', ', ')}\n`,
  );
});

test('the build context holds what the Dockerfile copies and nothing else', async () => {
  const [everything, ...kept] = (await readProjectFile('.dockerignore'))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
    (match) => match[1]?.split(' ') ?? [],
  );

  expect(everything).toBe('*');
  expect(new Set(kept)).toEqual(new Set(copied.map((path) => `!${path}`)));
  await Promise.all(copied.map((path) => readFile(resolve(ROOT, path)).catch(ignoreDirectory)));
});

function ignoreDirectory(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'EISDIR') throw error;
}

test('the image’s health check asks the worker on METRICS_PORT', () => {
  const [, check = ''] = /^HEALTHCHECK [^\n]+\n +CMD (\[.+\])$/m.exec(finalStage) ?? [];
  const [program, flag, script] = JSON.parse(check) as string[];

  expect([program, flag]).toEqual(['node', '-e']);
  expect(script).toContain('http://127.0.0.1:${process.env.METRICS_PORT}/health');
  expect(finalStage).toMatch(/^ENV .*\bMETRICS_PORT=\d+$/m);
});

test('the image runs as a user that Kubernetes can see is not root', () => {
  expect(finalStage).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
});

test('the image’s labels name the package and its licence', () => {
  expect(finalStage).toContain(`org.opencontainers.image.title="${packageJson.name}"`);
  expect(finalStage).toContain(`org.opencontainers.image.licenses="${packageJson.license}"`);
});
