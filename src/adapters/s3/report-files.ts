import { isReportPage, RUNS_FOLDER } from '../artifacts/names.ts';
import type { ReportFile, ReportFiles } from '../http/report-server.ts';
import type { Bucket } from './bucket.ts';
import { isMissing } from './errors/call.ts';

const READING = 'cannot read a report';

/** The report pages of an artifact store, without its other objects. */
export function createS3ReportFiles(bucket: Bucket): ReportFiles {
  return {
    async read(segments) {
      if (!isReportPage(segments)) return undefined;
      try {
        const chunks: Uint8Array[] = [];
        for await (const chunk of bucket.get(READING, segments.join('/'))) chunks.push(chunk);
        return Buffer.concat(chunks);
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },

    async newest(limit) {
      const files: ReportFile[] = [];
      for await (const { name, bytes, writtenAt } of bucket.list(READING, `${RUNS_FOLDER}/`)) {
        const segments = name.split('/');
        if (isReportPage(segments)) files.push({ segments, bytes, writtenAt });
      }
      return files.sort((a, b) => b.writtenAt.getTime() - a.writtenAt.getTime()).slice(0, limit);
    },
  };
}
