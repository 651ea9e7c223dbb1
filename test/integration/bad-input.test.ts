import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WorkflowFailedError } from '@temporalio/client';
import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure } from '@temporalio/common';
import { describe, expect, onTestFinished } from 'vitest';
import { header, workflowType } from '../../src/domain/names.ts';
import type { TestEnvironment } from '../support/environment.ts';
import { test } from '../support/record-log.ts';

const HEADER = 'title,budget,imdb_score';
const ROWS = Array.from({ length: 60 }, (_, i) => `film ${i},${i * 1_000},${(i % 90) / 10 + 1}`);
const GOOD_CSV = [HEADER, ...ROWS].join('\n');

/** What ends a run: the failure closest to the cause. */
async function failureOf(run: Promise<unknown>): Promise<ApplicationFailure> {
  const error: unknown = await run.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WorkflowFailedError);
  let failure = (error as WorkflowFailedError).cause;
  while ((failure instanceof ActivityFailure || failure instanceof ChildWorkflowFailure) && failure.cause) {
    failure = failure.cause;
  }
  expect(failure).toBeInstanceOf(ApplicationFailure);
  return failure as ApplicationFailure;
}
