import {
  ADVISED_TYPES,
  adviceOn,
  type Recovery,
  RECOVERY_NAMES,
  runbookSection,
} from '../domain/run/advice.ts';
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

const HOW: Readonly<Record<Recovery, string>> = {
  retry: 'Nothing to click: the step is tried again for 24 hours.',
  repair: 'On the page of the stream: More Actions, Send an Update, retryFailed or skipFailed.',
  reset: 'On the page of the run: Reset. Its current details name the event of each step.',
  rerun: 'On the page of the run: More Actions, Start Workflow Like This One.',
};

/** The page at `RUNBOOK_PATH`, to which the details of a failed run link: the advice of this version. */
export function runbookPage(): string {
  const sections = ADVISED_TYPES.map((type) => {
    const { meaning, whatToDo, recoveries } = adviceOn(type);
    return html`<section id="${runbookSection(type)}">
      <h2>${type}</h2>
      <p>${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.</p>
      <p><strong>${whatToDo}</strong></p>
      <ul>
        ${recoveries.map((name) => html`<li>${RECOVERY_NAMES[name]}: ${HOW[name]}</li>`)}
      </ul>
    </section>`;
  });
  return frame(
    'Runbook',
    html`<p>By failure type. The details of a run name it, and so does the end of the run’s box Result.</p>
      ${sections}`,
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
