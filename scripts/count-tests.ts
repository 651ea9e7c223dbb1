/**
 * Adds up vitest's JSON reports: npx tsx scripts/count-tests.ts report.json …
 * Names what failed and the slowest files before the sum, because the end of a log is what people see first.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

interface TestFile {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly startTime: number;
  readonly endTime: number;
  readonly assertionResults: readonly {
    readonly fullName: string;
    readonly status: string;
    readonly failureMessages: readonly string[] | null;
  }[];
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly TestFile[];
}

const SLOWEST = 12;
const MESSAGE_CHARACTERS = 600;

const reports = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')) as Report);
const total = (field: 'numPassedTests' | 'numFailedTests' | 'numPendingTests') =>
  reports.reduce((sum, report) => sum + report[field], 0);
const files = reports.flatMap(({ testResults }) => testResults);
const nameOf = (file: TestFile) => relative(process.cwd(), file.name);
const secondsOf = (file: TestFile) => (file.endTime - file.startTime) / 1000;

const slowest = files.toSorted((a, b) => secondsOf(b) - secondsOf(a)).slice(0, SLOWEST);
for (const file of slowest) {
  process.stdout.write(`${secondsOf(file).toFixed(1).padStart(7)} s  ${nameOf(file)}\n`);
}
for (const file of files.filter(({ status }) => status === 'failed')) {
  const failed = file.assertionResults.filter(({ status }) => status === 'failed');
  if (failed.length === 0)
    process.stdout.write(`FAILED ${nameOf(file)}\n  ${file.message.slice(0, MESSAGE_CHARACTERS)}\n`);
  for (const { fullName, failureMessages } of failed) {
    const message = (failureMessages ?? []).join('\n').slice(0, MESSAGE_CHARACTERS);
    process.stdout.write(`FAILED ${nameOf(file)}: ${fullName}\n  ${message.replaceAll('\n', '\n  ')}\n`);
  }
}

const skipped = total('numPendingTests');
const ending = skipped > 0 ? `, ${skipped} skipped` : '';
process.stdout.write(`${total('numPassedTests')} passed, ${total('numFailedTests')} failed${ending}\n`);
