/** npm run docs:input */
import { mkdir, writeFile } from 'node:fs/promises';
import { renderInputPages, renderInputSchemas } from './input-reference.ts';

const DOCS = new URL('../docs/', import.meta.url);

await mkdir(new URL('schemas', DOCS), { recursive: true });
for (const [file, text] of [...(await renderInputPages()), ...(await renderInputSchemas())]) {
  await writeFile(new URL(file, DOCS), text);
}
