/** npm run docs:input */
import { writeFile } from 'node:fs/promises';
import { renderInputPages } from './input-reference.ts';

for (const [file, text] of await renderInputPages()) {
  await writeFile(new URL(`../docs/${file}`, import.meta.url), text);
}
