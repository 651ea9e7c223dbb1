/** Adds up vitest's JSON reports: npx tsx scripts/count-tests.ts report.json … */
import { readFileSync } from 'node:fs';

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
}

const reports = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')) as Report);
const total = (field: keyof Report) => reports.reduce((sum, report) => sum + report[field], 0);
const skipped = total('numPendingTests');
const ending = skipped > 0 ? `, ${skipped} skipped` : '';
process.stdout.write(`${total('numPassedTests')} passed, ${total('numFailedTests')} failed${ending}\n`);
