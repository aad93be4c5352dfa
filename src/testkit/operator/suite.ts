import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest';
import { OperatorHarness } from './harness.ts';
import type { StorageUnderTest, TestStorage } from './storages.ts';
import { openTimeoutMs, storagesForBehaviour, storagesUnderTest } from './storages.ts';

type Tests = (harness: () => OperatorHarness) => void;

/** Runs the tests on PostgreSQL where it is, else on PGlite, each test on an empty database with a harness of its own. */
export function onStorage(name: string, tests: Tests): void {
  onStorages(storagesForBehaviour(), name, tests);
}

/** Runs the same tests on PGlite and on PostgreSQL: how rows are kept, found and deleted. */
export function onEachStorage(name: string, tests: Tests): void {
  onStorages(storagesUnderTest(), name, tests);
}

/** Where transactions run side by side, which the embedded one does not do; nothing is run where there is no server. */
export function onPostgres(name: string, tests: Tests): void {
  const servers = storagesUnderTest().filter((storage) => storage.name === 'postgres');
  if (servers.length > 0) onStorages(servers, name, tests);
}

function onStorages(storages: readonly StorageUnderTest[], name: string, tests: Tests): void {
  describe.each(storages)(`${name} on $name`, ({ open }) => {
    let store: TestStorage;
    let harness: OperatorHarness;
    beforeAll(async () => {
      store = await open();
    }, openTimeoutMs);
    afterAll(() => store.close());
    beforeEach(async () => {
      await store.empty();
      harness = await OperatorHarness.make(store.storage.db);
    });
    afterEach(() => harness.close());
    tests(() => harness);
  });
}
