import type { Clock } from '../../../shared/clock.ts';
import type { KioskApi } from '../../../shared/ipc/table.schema.ts';
import type { KioskSnapshot } from '../../../shared/model/visit.schema.ts';

/** The first snapshot is asked for again after this when main was not ready. */
const firstSnapshotRetryMs = 500;

/**
 * Gives each snapshot with when it came (monotonic, ms). Subscribes first, then asks for the first one, so that no change falls
 * between the two; an answer that comes behind a change is older than that. Each change is taken as it comes, whatever its
 * number: main counts from the beginning again when it begins anew behind this page. Returns the way to stop.
 */
export function subscribeToSnapshots(
  getSnapshot: KioskApi['visit']['getSnapshot'],
  api: Pick<KioskApi, 'on'>,
  clock: Clock,
  take: (snapshot: KioskSnapshot, atMs: number) => void,
): () => void {
  let isOver = false;
  let hasChanged = false;
  let stopWaiting = (): void => undefined;
  const give = (snapshot: KioskSnapshot): void => {
    if (!isOver) take(snapshot, clock.monotonicMs());
  };
  const again = (): void => {
    if (!isOver && !hasChanged) stopWaiting = clock.after(firstSnapshotRetryMs, ask);
  };
  const ask = (): void => {
    getSnapshot({}).then((result) => {
      if (!result.ok) again();
      else if (!hasChanged) give(result.value);
    }, again);
  };
  const unsubscribe = api.on('snapshot', (snapshot) => {
    hasChanged = true;
    give(snapshot);
  });
  ask();
  return () => {
    isOver = true;
    stopWaiting();
    unsubscribe();
  };
}
