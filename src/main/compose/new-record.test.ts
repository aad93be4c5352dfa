import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { assertOk, sale } from '../../testkit/main/charges/cabinet.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import { ChainAudit } from '../charges/chain-audit.ts';
import { ChargeLog } from '../charges/charge-log.ts';
import { ChargeStore } from '../charges/charge-store.ts';
import { loadSecrets } from '../platform/secrets.ts';
import { openDatabase } from '../storage/database.ts';
import type { OpenOptions } from '../storage/database.ts';
import { openStorage } from './storage.ts';

/** A cabinet with a new database (a new enrolment token, the old disk file taken away), whose power fails at the wrong moment. */
test.each(['no power cut', 'a power cut after the database was made'])(
  '%s: the new record is whole',
  (what) => {
    const scratch = makeScratchFolder();
    const clock = new FakeClock(1_767_225_600_000);
    const safeStorage = {
      isEncryptionAvailable: () => false,
      encryptString: () => Buffer.alloc(0),
      decryptString: () => '',
    };
    const secrets = loadSecrets({ dir: scratch.path, safeStorage });
    if (!secrets.ok) throw new Error(secrets.error.message);
    // The record that was: looked through up to here.
    assertOk(secrets.value.rememberChain({ unsealedSeq: 0, seenSeq: 5_000 }));
    const ports = (open: (options: OpenOptions) => ReturnType<typeof openDatabase>) =>
      ({
        dataDir: scratch.path,
        settings: { settings: { cabinetId: 'CAB-1', enrolToken: 'a-new-token', face: { enabled: false } } },
        safeStorage,
        openDatabase: open,
        reopen: () => undefined,
        clock,
        logger: silentLogger,
      }) as never;
    if (what !== 'no power cut') {
      const cut = (options: OpenOptions): never => {
        const made = openDatabase(options);
        if (made.ok) made.value.close();
        throw new Error('power cut');
      };
      expect(() => openStorage(ports(cut))).toThrow('power cut');
      expect(existsSync(join(scratch.path, 'kaimen.db'))).toBe(true);
    }
    const storage = openStorage(ports(openDatabase));
    if (!storage.ok) throw new Error(storage.error.message);
    const { database, chain, secrets: kept } = storage.value;
    const charges = new ChargeStore(database, new ChargeLog(chain), clock, clock);
    const { body } = sale(1, 100, clock.nowMs());
    assertOk(charges.open({ ...body, memberDisplay: '王*' }));
    const audit = new ChainAudit(database, kept.chainKey, kept.chainFloor);
    expect(unwrap(audit.run())).toEqual([]);
    database.close();
    scratch.remove();
  },
);
