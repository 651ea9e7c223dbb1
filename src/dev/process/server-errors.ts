export class ServerStillRunning extends Error {
  override readonly name = 'ServerStillRunning';

  constructor(facts: { readonly name: string; readonly pid: number; readonly pidFile: string }) {
    super(
      `${facts.name}: process ${facts.pid} still uses the same state. ` +
        `End it, or delete ${facts.pidFile} if it is not a ${facts.name} server`,
    );
  }
}

export class ServerStartFailed extends Error {
  override readonly name = 'ServerStartFailed';

  constructor(
    facts: {
      readonly name: string;
      readonly reason: string;
      readonly logFile: string;
      readonly logTail: string;
    },
    options?: ErrorOptions,
  ) {
    const log = facts.logTail === '' ? 'its log is empty' : `the end of its log:\n${facts.logTail}`;
    super(`${facts.name} did not start: ${facts.reason} (${facts.logFile}); ${log}`, options);
  }
}

export class PortInUse extends Error {
  override readonly name = 'PortInUse';

  constructor(facts: { readonly name: string; readonly port: number }) {
    super(
      `${facts.name}: port ${facts.port} is in use. Stop what listens there, or let a free port be chosen`,
    );
  }
}
