import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'] as const;

export const HOW_TO_GET_CHROMIUM =
  'no Chromium was found, so the browser tests are skipped. Install it (Debian, Ubuntu: apt-get install chromium), ' +
  'or name an executable in CHROMIUM_PATH';

/** CHROMIUM_PATH, else the first of the usual names on PATH. */
export async function findChromium(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string | undefined> {
  const directories = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const places = env['CHROMIUM_PATH']
    ? [env['CHROMIUM_PATH']]
    : NAMES.flatMap((name) => directories.map((directory) => join(directory, name)));
  for (const place of places) {
    const isThere = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return place;
  }
  return undefined;
}
