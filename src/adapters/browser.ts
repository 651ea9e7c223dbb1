import open from 'open';

/** Returns as soon as the browser is asked. @throws when there is none to ask */
export async function openInBrowser(url: string): Promise<void> {
  await open(url);
}
