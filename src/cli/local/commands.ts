import { InvalidArgumentError, Option, type Command } from 'commander';
import { parseRoles, type Role, ROLES } from '../../domain/roles.ts';
import { JSON_HELP, parseCount, withInput } from '../shared/options.ts';
import type { DemoOptions } from './demo.ts';
import type { HealthOptions } from './health.ts';
import type { WorkerCommandOptions } from './worker.ts';

function readRoles(list: string): Role[] {
  const roles = parseRoles(list);
  if (roles) return roles;
  throw new InvalidArgumentError(`expected some of ${ROLES.join(', ')}, separated by commas`);
}

/** Commands about workers, servers and the namespace. */
export function addLocalCommands(program: Command): void {
  withInput(program.command('demo'))
    .description('start what is missing, run the pipeline on real films, show the result')
    .option('--csv <file>', 'use this CSV; its folder becomes the DATA_DIR of the demo worker')
    .option('--json', JSON_HELP)
    .addOption(
      new Option('--keep', 'keep everything up for the UI until Ctrl-C').default(undefined, 'on a terminal'),
    )
    .option('--no-keep', 'end after the run')
    .action(async (options: DemoOptions) => {
      const { demo } = await import('./demo.ts');
      await demo(options);
    });
  program
    .command('worker')
    .description('run a worker until Ctrl-C')
    .option(
      '--roles <list>',
      'what it takes: workflows, data, training, scoring; without it WORKER_ROLES, or all',
      readRoles,
    )
    .option(
      '--processes <number>',
      'of the worker; without it WORKER_PROCESSES, or one for each core',
      parseCount,
    )
    // How a worker starts its own processes.
    .addOption(new Option('--process <number>').argParser(parseCount).hideHelp())
    .addOption(new Option('--report-url <url>').hideHelp())
    .action(async (options: WorkerCommandOptions) => {
      const { worker } = await import('./worker.ts');
      await worker(options);
    });
  program
    .command('services')
    .description('start local Temporal and Kafka, and keep them up until Ctrl-C')
    .action(async () => {
      const { services } = await import('./services.ts');
      await services();
    });
  program
    .command('health')
    .description('exit 0 when Temporal answers, a worker polls the task queue, and Kafka lets it in')
    .option('--topic <name>', 'ask also for the permissions on this topic')
    .option('--no-kafka', 'ask nothing of Kafka')
    .action(async (options: HealthOptions) => {
      const { health } = await import('./health.ts');
      await health(options);
    });
  program
    .command('setup')
    .description('register the search attributes of runs; repeating it is harmless')
    .action(async () => {
      const { setup } = await import('./setup.ts');
      await setup();
    });
}
