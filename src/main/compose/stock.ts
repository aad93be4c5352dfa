import { StockReporter } from '../stock/stock-reporter.ts';
import type { KioskPorts } from './kiosk.ts';
import type { OperatorParts } from './operator.ts';
import type { VisitParts } from './visit.ts';

export interface StockParts {
  readonly stockReporter: StockReporter;
}

/** What the operator is told of the goods. */
export function composeStock(
  { settings, clock, random, logger }: KioskPorts,
  { client, link, catalog }: OperatorParts,
  { stockLedger }: VisitParts,
): StockParts {
  const laneOf = new Map(
    settings.settings.shelf.lanes.flatMap(({ lane, goods }) => goods.map(({ sku }) => [sku, lane] as const)),
  );
  const stockReporter = new StockReporter({
    ledger: stockLedger,
    skus: () => new Set(catalog.current()?.products.map(({ sku }) => sku)),
    laneOf: (sku) => laneOf.get(sku) ?? null,
    client,
    isOnline: () => link.isOnline(),
    clock,
    random: () => random.unit(),
    logger,
  });
  return { stockReporter };
}
