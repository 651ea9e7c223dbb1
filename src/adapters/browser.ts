import open from 'open';

/** Does not wait for the page to open. @throws when there is no browser */
export async function openInBrowser(url: string): Promise<void> {
  await open(url);
}
