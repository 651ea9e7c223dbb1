import { AsyncLocalStorage } from 'node:async_hooks';
import { isAt, type Moment, type Visit } from './place.ts';
import { claimStrike, isReleased, type Strike } from './strike.ts';

/** Longer than the suite needs to break something, on a busy machine; a hold nobody releases must not hang a worker. */
const HOLD_LIMIT_MS = 120_000;
const HOLD_POLL_MS = 20;

export interface VisitorsBook {
  readonly visit: Visit;
  /** Set once this attempt was stopped and runs again. */
  isZombie: boolean;
  /** Attempts that a stopped worker held or was given meanwhile are long others': no place for another fault. */
  mayStrike: boolean;
}

/** The part of a worker that strikes at itself. */
export interface Striker {
  /** Runs an attempt of an activity, so that ports below know whose call they are. */
  during<T>(visit: Visit, work: () => Promise<T>): Promise<T>;
  /** The attempt that is being served; callbacks of libraries must take it along. */
  current(): VisitorsBook;
  /** Strikes here, if a strike is planned here and no worker has done it yet. Returns only from a stop or a hold. */
  reach(book: VisitorsBook, moment: Moment): void;
  /** The stopped attempt has ended; from now on this is a worker like any other. */
  recover(): void;
}

export function createStriker(directory: string, strikes: readonly Strike[]): Striker {
  const books = new AsyncLocalStorage<VisitorsBook>();
  const open = new Set<VisitorsBook>();
  let isZombieWorker = false;

  function perform(strike: Strike, book: VisitorsBook): void {
    switch (strike.action) {
      case 'kill':
        process.kill(process.pid, 'SIGKILL');
        break;
      case 'stop':
        isZombieWorker = true;
        book.isZombie = true;
        for (const each of open) each.mayStrike = false;
        process.kill(process.pid, 'SIGSTOP');
        break;
      case 'hold':
        hold(directory, strike);
        break;
    }
  }

  return {
    async during(visit, work) {
      const book = { visit, isZombie: false, mayStrike: !isZombieWorker };
      open.add(book);
      try {
        return await books.run(book, work);
      } finally {
        open.delete(book);
      }
    },
    current() {
      const book = books.getStore();
      if (book === undefined) throw new Error('a port was used outside of an activity');
      return book;
    },
    reach(book, moment) {
      const { visit } = book;
      for (const strike of book.mayStrike ? strikes : []) {
        if (strike.place.moment !== moment || !isAt(strike.place, visit)) continue;
        const claim = { ...visit, moment, pid: process.pid, atMs: Date.now() };
        if (claimStrike(directory, strike, claim)) perform(strike, book);
      }
    },
    recover() {
      isZombieWorker = false;
    },
  };
}

/** Blocks the thread: some places are inside a callback that nobody awaits. */
function hold(directory: string, strike: Strike): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const deadlineMs = Date.now() + HOLD_LIMIT_MS;
  while (!isReleased(directory, strike) && Date.now() < deadlineMs) Atomics.wait(pause, 0, 0, HOLD_POLL_MS);
}
