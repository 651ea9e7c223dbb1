import { counted } from '../domain/text.ts';
import type { DrawPlot } from './figure.ts';
import { html, type Html } from './html.ts';
import type { ReportData } from './report-data.ts';
import type { Section } from './section.ts';
import { champion } from './sections/champion.ts';
import { dataset } from './sections/dataset.ts';
import { drift } from './sections/drift.ts';
import { importances } from './sections/importances.ts';
import { learning } from './sections/learning.ts';
import { lineage } from './sections/lineage.ts';
import { predictions } from './sections/predictions.ts';
import { residuals } from './sections/residuals.ts';
import { summary } from './sections/summary.ts';
import { throughput } from './sections/throughput.ts';
import { contentSecurityPolicy, STYLE_ELEMENT } from './styles.ts';

const SECTIONS: readonly Section[] = [
  summary,
  predictions,
  residuals,
  importances,
  learning,
  champion,
  dataset,
  drift,
  throughput,
  lineage,
];

interface Tools {
  readonly draw: DrawPlot;
  /** Hex. */
  readonly sha256: (text: string) => string;
}

/** A run's report as one self-contained file. The same data gives the same bytes. */
export async function renderPage(data: ReportData, { draw, sha256 }: Tools): Promise<string> {
  const bodies: Html[] = [];
  for (const { id, title, body } of SECTIONS) {
    const content = await body(data, draw);
    bodies.push(
      html`<section id="${id}" aria-labelledby="${id}-heading">
        <h2 id="${id}-heading">${title}</h2>
        ${content}
      </section> `,
    );
  }
  const { result, lineage: from } = data;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy(sha256)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${from.workflowId} – run report</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <header>
          <p class="kind">Run report</p>
          <h1>${from.workflowId}</h1>
          <p>
            ${result.dataset.source.path} as of ${from.asOf}. A forest predicts ${result.model.target} from
            ${counted(result.model.features.length, 'feature')}.
          </p>
          <nav aria-label="Sections">
            ${SECTIONS.map(({ id, title }) => html`<a href="#${id}">${title}</a> `)}
          </nav>
        </header>
        <main>${bodies}</main>
        <footer>imdb-temporal ${from.version}, commit ${from.commit ?? 'unknown'}, run ${result.run}</footer>
      </body>
    </html> `.html;
}
