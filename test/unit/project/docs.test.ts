import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readTestTitles } from '../../support/test-titles.ts';

const ROOT = new URL('../../../', import.meta.url);

const MAX_WORDS = { README: 900, ARCHITECTURE: 900, CONTRIBUTING: 400, task: 500 };
const MAX_ARCHITECTURE_COLUMNS = 120;
/** Pages in which one looks up a heading or a row. They have no limit. */
const REFERENCE_PAGES = ['docs/runbook.md', 'docs/guarantees.md', 'docs/faults.md', 'docs/input.md'];

const pages = await findPages();
const texts = new Map(
  await Promise.all(pages.map(async (page) => [page, await readFile(new URL(page, ROOT), 'utf8')] as const)),
);

/** Paths from the root, like `docs/streams.md`. */
async function findPages(): Promise<string[]> {
  const top = await readdir(ROOT);
  const below = ['bench', 'docs', 'examples'].map(async (folder) =>
    (await readdir(new URL(folder, ROOT), { recursive: true })).map((file) => `${folder}/${file}`),
  );
  return [...top, ...(await Promise.all(below)).flat()].filter((file) => file.endsWith('.md')).sort();
}

function textOf(page: string): string {
  return texts.get(page) ?? '';
}

/** The page without blocks of code, whose brackets are not links. */
function proseOf(page: string): string {
  return textOf(page).replaceAll(/^ *```[\s\S]*?^ *```/gm, '');
}

function linksOf(page: string): URL[] {
  const targets = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target)).map((target) => new URL(target, at(page)));
}

function at(page: string): URL {
  return new URL(page, ROOT);
}

/** As GitHub names them. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function isThere({ href, hash }: URL): boolean {
  const file = new URL(href.replace(hash, ''));
  if (!existsSync(file)) return false;
  return hash === '' || anchorsOf(textOf(file.href.slice(ROOT.href.length))).includes(hash.slice(1));
}

test.for(pages)('every link of %s leads to a file and a heading', (page) => {
  const broken = linksOf(page).filter((link) => !isThere(link));

  expect(broken.map(({ href }) => href.slice(ROOT.href.length))).toEqual([]);
});

test.for(pages.filter((page) => page !== 'CHANGELOG.md'))('every path that %s names exists', (page) => {
  const paths = [...textOf(page).matchAll(/`((?:src|test|docs|scripts|examples|bench)\/[\w./-]*\w)`/g)];
  const missing = paths.map(([, path = '']) => path).filter((path) => !existsSync(new URL(path, ROOT)));

  expect(missing).toEqual([]);
});

test('every screenshot is in a page', async () => {
  const used = pages.flatMap(linksOf).map(({ href }) => href);
  const screenshots = new URL('docs/screenshots/', ROOT);
  const unused = (await readdir(screenshots)).filter(
    (name) => !used.includes(new URL(name, screenshots).href),
  );

  expect(unused).toEqual([]);
});

test('every page of docs/ is in its index', () => {
  const listed = linksOf('docs/README.md').map(({ href }) => href);
  const missing = pages.filter(
    (page) => page.startsWith('docs/') && page !== 'docs/README.md' && !listed.includes(at(page).href),
  );

  expect(missing).toEqual([]);
});

test('every test that the guarantees cite exists', async () => {
  const cited = citationsOf(textOf('docs/guarantees.md').replaceAll(/\s+/g, ' '));
  const unknown = await Promise.all(
    cited.map(async ({ file, title }) => {
      const titles = await readTestTitles(new URL(file, at('docs/guarantees.md')));
      return titles.includes(title) ? [] : [`${file}: ${title}`];
    }),
  );

  expect(cited.length).toBeGreaterThan(30);
  expect(unknown.flat()).toEqual([]);
});

/** `[zombie](../test/integration/log/zombie.test.ts) “a zombie › cannot commit” “another”` */
function citationsOf(text: string): { readonly file: string; readonly title: string }[] {
  return text.split('](').flatMap((part) => {
    const [, file] = /^([^)]+\.test\.ts)\)/.exec(part) ?? [];
    const titles = [...part.matchAll(/“([^”]+)”/g)].map(([, title = '']) => title);
    return file === undefined ? [] : titles.map((title) => ({ file, title }));
  });
}

test('every command and option of imdb that the docs cite exists', async () => {
  const program = await readProgram();
  // A name is followed by its arguments, an option by its value.
  const known = new Set([...program.matchAll(/'((?:--)?[a-z][a-z-]*)(?=[' ])/g)].map(([, name]) => name));
  const cited = pages.filter((page) => page !== 'CHANGELOG.md').flatMap(citedCommands);
  const unknown = cited.flatMap(({ words, text }) =>
    words.filter((word) => !known.has(word) && word !== '--help').map((word) => `${word} in ${text}`),
  );

  expect(cited.length).toBeGreaterThan(50);
  expect(unknown).toEqual([]);
});

/** The source of the command line, which names every command and option. */
async function readProgram(): Promise<string> {
  const files = await readdir(new URL('src/cli', ROOT), { recursive: true });
  const sources = ['cli.ts', ...files.filter((file) => file.endsWith('.ts')).map((file) => `cli/${file}`)];
  return (await Promise.all(sources.map((file) => readFile(new URL(`src/${file}`, ROOT), 'utf8')))).join(
    '\n',
  );
}

/** Every `imdb …` in code: the command, and all options after it, also in a comment. */
function citedCommands(page: string): { readonly words: string[]; readonly text: string }[] {
  const cited = textOf(page).matchAll(/(?:^|`|run )(?:npm run )?imdb (?:-- )?([a-z-]+\b[^`\n]*)/gm);
  return [...cited].map(([, text = '']) => ({
    words: [...(/^[a-z-]+/.exec(text) ?? []), ...(text.match(/--[a-z]+[a-z-]*/g) ?? [])],
    text: `${page}: ${text}`,
  }));
}

test.for<[page: string, words: number]>([
  ['README.md', MAX_WORDS.README],
  ['ARCHITECTURE.md', MAX_WORDS.ARCHITECTURE],
  ['CONTRIBUTING.md', MAX_WORDS.CONTRIBUTING],
  ...pages
    .filter((page) => /^docs\/[^/]+$/.test(page) && !REFERENCE_PAGES.includes(page))
    .map((page): [string, number] => [page, MAX_WORDS.task]),
])('%s has at most %d words', ([page, words]) => {
  expect(textOf(page).trim().split(/\s+/).length).toBeLessThanOrEqual(words);
});

test('the lines of ARCHITECTURE.md have at most 120 columns', () => {
  const long = textOf('ARCHITECTURE.md')
    .split('\n')
    .filter((line) => line.length > MAX_ARCHITECTURE_COLUMNS);

  expect(long).toEqual([]);
});

test('the import table of ARCHITECTURE.md names the folders that the linter guards', async () => {
  const config = await readFile(new URL('eslint.config.js', ROOT), 'utf8');
  const guarded = [...config.matchAll(/mayNotImport\(\s*'(\w+)'/g)].map(([, folder]) => folder);
  const [, section = ''] = textOf('ARCHITECTURE.md').split('## Imports\n');
  const named = [...section.matchAll(/^\| `src\/(\w+)` /gm)].map(([, folder]) => folder);

  expect(guarded.length).toBeGreaterThan(0);
  expect(named.sort()).toEqual(guarded.sort());
});
