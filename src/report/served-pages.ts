import { html, type Html } from './html.ts';
import { count } from './numbers.ts';
import { STYLE_ELEMENT } from './styles.ts';
import { table } from './table.ts';

export interface ListedReport {
  /** Of the artifact, see `reportUrl`. */
  readonly url: string;
  /** Folder names below `runs`: workflow id and run id. */
  readonly folders: readonly string[];
  readonly bytes: number;
  readonly writtenAt: string;
}

/** The page at `/`: the newest reports. */
export function indexPage(reports: readonly ListedReport[]): string {
  if (reports.length === 0) {
    return frame('Run reports', html`<p>No reports yet. A run writes one in its last step.</p>`);
  }
  const list = table(
    'Newest first',
    [{ label: 'Run' }, { label: 'Run id' }, { label: 'Written' }, { label: 'Bytes', isNumber: true }],
    reports.map(({ url, folders, bytes, writtenAt }) => [
      html`<a href="${url}">${folders.slice(0, -1).map(toText).join('/')}</a>`,
      folders.at(-1) ?? '',
      writtenAt,
      count(bytes),
    ]),
  );
  return frame('Run reports', html`<section>${list}</section>`);
}

export function problemPage(title: string, text: string): string {
  return frame(
    title,
    html`<p>${text}</p>
      <p><a href="/">The newest reports</a></p>`,
  );
}

function frame(title: string, content: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <header>
          <p class="kind">imdb-temporal</p>
          <h1>${title}</h1>
        </header>
        <main>${content}</main>
      </body>
    </html> `.html;
}

/** Decodes a folder name to a workflow id; a shortened name may not decode and is shown as it is. */
function toText(folder: string): string {
  try {
    return decodeURIComponent(folder);
  } catch {
    return folder;
  }
}
