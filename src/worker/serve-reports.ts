import { openArtifacts } from '../adapters/stores.ts';
import type { Logger } from '../adapters/logger.ts';
import { startReportServer, type ReportServer } from '../adapters/http/report-server.ts';
import type { Config } from '../config.ts';

/** Undefined when reports are off, or when the port is taken, usually by another worker: a worker runs without it. */
export async function serveReports(config: Config, logger: Logger): Promise<ReportServer | undefined> {
  if (config.reports === undefined) return undefined;
  const { reports } = await openArtifacts(config);
  try {
    const server = await startReportServer(config.reports, reports, (error) => {
      logger.error({ error }, 'cannot serve a report');
    });
    logger.info({ url: server.url }, 'serving reports');
    return server;
  } catch (error) {
    logger.info(
      { error, port: config.reports.port },
      'not serving reports: the port is taken or not allowed',
    );
    return undefined;
  }
}
