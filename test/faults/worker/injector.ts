import { AsyncLocalStorage } from 'node:async_hooks';
import { isAt, type Moment, type Attempt } from '../faults/place.ts';
import { claimInjection, isReleased, type Injection } from '../faults/injection.ts';

/** Only a hold that the suite never releases reaches this limit. */
const HOLD_LIMIT_MS = 15 * 60_000;
const HOLD_POLL_MS = 20;

export interface ActiveAttempt {
  readonly attempt: Attempt;
  /** Set once this attempt was stopped and runs again. */
  isZombie: boolean;
  /** False for attempts that a stopped worker had or received while it was stopped: other workers repeat them. */
  mayInject: boolean;
}

/** The part of a worker that injects its faults. */
export interface Injector {
  /** Runs an attempt of an activity; the ports that it calls find it by `current`. */
  during<T>(attempt: Attempt, work: () => Promise<T>): Promise<T>;
  /** The attempt of the caller. Callbacks of libraries lose it, so they capture it before. */
  current(): ActiveAttempt;
  /** Injects the faults planned here that no worker has injected yet. Does not return after a kill. */
  reach(active: ActiveAttempt, moment: Moment): void;
  /** The stopped attempt has ended: the worker injects faults again. */
  recover(): void;
}

export function createInjector(directory: string, injections: readonly Injection[]): Injector {
  const attempts = new AsyncLocalStorage<ActiveAttempt>();
  const open = new Set<ActiveAttempt>();
  let isZombieWorker = false;

  function perform(injection: Injection, active: ActiveAttempt): void {
    switch (injection.action) {
      case 'kill':
        process.kill(process.pid, 'SIGKILL');
        break;
      case 'stop':
        isZombieWorker = true;
        active.isZombie = true;
        for (const each of open) each.mayInject = false;
        process.kill(process.pid, 'SIGSTOP');
        break;
      case 'hold':
        hold(directory, injection);
        break;
    }
  }

  return {
    async during(attempt, work) {
      const active = { attempt, isZombie: false, mayInject: !isZombieWorker };
      open.add(active);
      try {
        return await attempts.run(active, work);
      } finally {
        open.delete(active);
      }
    },
    current() {
      const active = attempts.getStore();
      if (active === undefined) throw new Error('a port was used outside of an activity');
      return active;
    },
    reach(active, moment) {
      const { attempt } = active;
      for (const injection of active.mayInject ? injections : []) {
        if (injection.place.moment !== moment || !isAt(injection.place, attempt)) continue;
        const claim = { ...attempt, moment, pid: process.pid, atMs: Date.now() };
        if (claimInjection(directory, injection, claim)) perform(injection, active);
      }
    },
    recover() {
      isZombieWorker = false;
    },
  };
}

/** Blocks the thread, because some places are in a callback that is not awaited. */
function hold(directory: string, injection: Injection): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const deadlineMs = Date.now() + HOLD_LIMIT_MS;
  while (!isReleased(directory, injection) && Date.now() < deadlineMs)
    Atomics.wait(pause, 0, 0, HOLD_POLL_MS);
}
