import { join } from 'node:path';
import type { ChargeLog } from '../../../main/charges/charge-log.ts';
import { ChargeStore } from '../../../main/charges/charge-store.ts';
import type { Database } from '../../../main/storage/database.ts';
import { FakeClock } from '../../../shared/clock.ts';
import { makeScratchFolder, mustOpen } from '../storage/scratch.ts';
import { FaultyNetwork } from './faulty-network.ts';
import { StubOperator } from './stub-operator.ts';

/** A folder for cabinets (`path`: their database), and the network between them and an operator. */
export interface CabinetWorld {
  readonly clock: FakeClock;
  readonly operator: StubOperator;
  readonly network: FaultyNetwork;
  readonly path: string;
  readonly remove: () => void;
}

/** A new one; for `beforeEach`. */
export function newCabinetWorld(): CabinetWorld {
  const { path, remove } = makeScratchFolder();
  const clock = new FakeClock();
  const operator = new StubOperator();
  const network = new FaultyNetwork(clock, operator);
  return { clock, operator, network, path: join(path, 'kaimen.db'), remove };
}

/** An empty record of charges in a database of its own. */
export interface ChargeRecords {
  readonly clock: FakeClock;
  readonly db: Database;
  readonly store: ChargeStore;
  /** Closes it and takes the file away. */
  readonly remove: () => void;
}

/** A new one; for `beforeEach`. `logOf`: as in charge-log.ts beside this. */
export function newChargeRecords(logOf: (db: Database) => ChargeLog): ChargeRecords {
  const { path, remove } = makeScratchFolder();
  const clock = new FakeClock();
  const db = mustOpen(join(path, 'kaimen.db'), clock);
  const store = new ChargeStore(db, logOf(db), clock, clock);
  const close = (): void => {
    db.close();
    remove();
  };
  return { clock, db, store, remove: close };
}
