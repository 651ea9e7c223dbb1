import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { isReportPage, RUNS_FOLDER } from '../artifacts/names.ts';
import type { ReportFile, ReportFiles } from '../http/report-server.ts';
import { LeadsOut, NotAFile, withFileInside } from './inside.ts';

/** The report pages of a local artifact store, without its other files. */
export function createLocalReportFiles(directory: string): ReportFiles {
  return {
    async read(segments) {
      if (!isReportPage(segments)) return undefined;
      try {
        return await withFileInside(directory, join(...segments), (file) => file.readFile());
      } catch (error) {
        if (isAbsence(error)) return undefined;
        throw error;
      }
    },

    async newest(limit) {
      const entries = await readdir(join(directory, RUNS_FOLDER), {
        recursive: true,
        withFileTypes: true,
      }).catch((error: unknown) => {
        if (isAbsence(error)) return [];
        throw error;
      });
      const files: ReportFile[] = [];
      for (const entry of entries) {
        const path = join(entry.parentPath, entry.name);
        const segments = relative(directory, path).split(sep);
        if (!entry.isFile() || !isReportPage(segments)) continue;
        const { size, mtime } = await stat(path);
        files.push({ segments, bytes: size, writtenAt: mtime });
      }
      return files.sort((a, b) => b.writtenAt.getTime() - a.writtenAt.getTime()).slice(0, limit);
    },
  };
}

/** Also for a name that no file can have, and for what is outside. */
function isAbsence(error: unknown): boolean {
  if (error instanceof LeadsOut || error instanceof NotAFile) return true;
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG';
}
