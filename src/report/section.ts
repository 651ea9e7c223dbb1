import type { DrawPlot } from './figure.ts';
import type { Html } from './html.ts';
import type { ReportData } from './report-data.ts';

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: (data: ReportData, draw: DrawPlot) => Promise<Html> | Html;
}
