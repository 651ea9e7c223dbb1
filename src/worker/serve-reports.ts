import { createLocalReportFiles } from '../adapters/files/report-files.ts';
import type { Logger } from '../adapters/logger.ts';
import { startReportServer, type ReportServer } from '../adapters/http/report-server.ts';
import type { Config } from '../config.ts';

/** Undefined where reports are not wanted, or another worker of this machine serves its own: no reason not to work. */
export async function serveReports(
  { reportPort, artifactDir }: Config,
  logger: Logger,
): Promise<ReportServer | undefined> {
  if (reportPort === undefined) return undefined;
  try {
    const server = await startReportServer(reportPort, createLocalReportFiles(artifactDir), (error) => {
      logger.error({ error }, 'a report could not be served');
    });
    logger.info({ url: server.url }, 'reports are served');
    return server;
  } catch (error) {
    logger.info({ error, reportPort }, 'reports are not served: the port is taken, or not allowed');
    return undefined;
  }
}
