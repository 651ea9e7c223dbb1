import { readFileSync } from 'node:fs';

/** Of this package, from the file beside `src` or `dist`. */
export function packageVersion(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
