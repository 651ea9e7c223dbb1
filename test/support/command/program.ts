/**
 * How tests start `imdb` in a process of its own: from source, or, where the variable names it, as it was built. That
 * starts in a third of the time, and is what people install.
 */
export const PROGRAM: readonly string[] =
  process.env['IMDB_TEST_PROGRAM'] === undefined
    ? ['--import', 'tsx', 'src/cli.ts']
    : [process.env['IMDB_TEST_PROGRAM']];
