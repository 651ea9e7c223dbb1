import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { parse, parseAllDocuments } from 'yaml';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

interface Kustomization {
  readonly resources: readonly string[];
  readonly configMapGenerator?: readonly { readonly envs: readonly string[] }[];
  readonly configurations?: readonly string[];
  readonly images?: readonly { readonly name: string; readonly newTag: string }[];
}

export async function readKustomization(folder: URL): Promise<Kustomization> {
  return parse(await readFile(new URL('kustomization.yaml', folder), 'utf8')) as Kustomization;
}

/** Of the kustomization in a folder, without those of other folders. */
export async function readManifests(folder: URL): Promise<Manifest[]> {
  const { resources } = await readKustomization(folder);
  const files = resources.filter((file) => file.endsWith('.yaml'));
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, folder), 'utf8')));
  return texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Manifest));
}

/** Where the published schema of a kind is; the file has also its type. */
function moduleOf({ apiVersion, kind }: Manifest): string {
  const library = apiVersion.startsWith('keda.sh/') ? '@kubernetes-models/keda' : 'kubernetes-models';
  return `${library}/${apiVersion}/${kind}`;
}

/** What the JSON schemas of Kubernetes and KEDA refuse. They allow unknown fields. */
export async function schemaProblems(manifests: readonly Manifest[]): Promise<string[]> {
  const problems = manifests.map(async (manifest): Promise<string[]> => {
    const models = (await import(moduleOf(manifest))) as Record<
      string,
      new (data: object) => { validate(): void }
    >;
    const Model = models[manifest.kind];
    if (!Model) return [`${moduleOf(manifest)} has no schema`];
    try {
      new Model(manifest).validate();
      return [];
    } catch (error) {
      return [`${manifest.kind} ${manifest.metadata.name}: ${(error as Error).message}`];
    }
  });
  return (await Promise.all(problems)).flat();
}

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  skipLibCheck: true,
  types: [],
};

/** What the types that were generated from these schemas refuse, written as literals: also unknown fields. */
export function typeProblems(manifests: readonly Manifest[]): string[] {
  const path = fileURLToPath(new URL('manifests.ts', import.meta.url));
  const text = manifests
    .map(
      (manifest, at) =>
        `import type { I${manifest.kind} as Kind${at} } from '${moduleOf(manifest)}';\n` +
        `export const manifest${at}: Kind${at} = ${JSON.stringify(manifest)};\n`,
    )
    .join('');
  const host = ts.createCompilerHost(OPTIONS);
  const program = ts.createProgram([path], OPTIONS, {
    ...host,
    fileExists: (file) => file === path || host.fileExists(file),
    getSourceFile: (file, version) =>
      file === path ? ts.createSourceFile(file, text, version) : host.getSourceFile(file, version),
  });
  return program
    .getSemanticDiagnostics(program.getSourceFile(path))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}
