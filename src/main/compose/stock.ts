import { PlanogramSync } from '../operator/planogram-sync.ts';
import { PlanKeeper } from '../stock/plan-keeper.ts';
import { StockReporter } from '../stock/stock-reporter.ts';
import { MetaStore } from '../storage/meta-store.ts';
import type { KioskPorts } from './kiosk.ts';
import type { OperatorParts } from './operator.ts';
import type { Storage } from './storage.ts';
import type { VisitParts } from './visit.ts';

export interface StockParts {
  readonly stockReporter: StockReporter;
  readonly planograms: PlanogramSync;
  readonly plans: PlanKeeper;
}

/** What is to stand in the cabinet, and what the operator is told of its goods. */
export function composeStock(
  { settings, clock, random, logger }: KioskPorts,
  { database }: Storage,
  { client, link, catalog, alarms, clock: toldClock }: OperatorParts,
  { stockLedger }: VisitParts,
): StockParts {
  const { cabinetId, shelf } = settings.settings;
  const laneOf = new Map(
    shelf.lanes.flatMap(({ lane, goods }) => goods.map(({ sku }) => [sku, lane] as const)),
  );
  const skus = (): ReadonlySet<string> => new Set(catalog.current()?.products.map(({ sku }) => sku));
  const meta = new MetaStore(database);
  const nowMs = (): number => toldClock.nowMs();
  const planograms = new PlanogramSync({
    ...{ store: meta, client, cabinetId, clock, logger },
    random: () => random.unit(),
    tellStaff: (detail) => {
      alarms.deviceFault(detail);
    },
  });
  const seen = new Set(shelf.cameras.flatMap(({ slots }) => slots.map(({ sku }) => sku)));
  const room = { laneOf, seen };
  const plans = new PlanKeeper({ database, draft: () => planograms.current(), skus, room, nowMs });
  const stockReporter = new StockReporter({
    ...{ ledger: stockLedger, skus, client, clock, logger },
    laneOf: (sku) => laneOf.get(sku) ?? null,
    plan: () => plans.inForce(),
    isOnline: () => link.isOnline(),
    random: () => random.unit(),
  });
  return { stockReporter, planograms, plans };
}
