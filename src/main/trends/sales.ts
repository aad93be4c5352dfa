import type { Currency } from '../../shared/money.ts';
import type { SalesView } from '../../shared/model/trends.schema.ts';
import type { Result } from '../../shared/result.ts';
import type { Database, StorageFailure } from '../storage/database.ts';

const dayMs = 86_400_000;
const [dayCount, weekCount] = [14, 8];

export interface SalesTime {
  /** By the cabinet's own clock, as charges are opened. */
  readonly nowMs: number;
  /** Local time less UTC, ms. */
  readonly offsetMs: number;
}

/**
 * What was sold, by local days and by the seven days up to each: purchases with something on the bill, at what is to be paid for
 * them as far as it is known here. Of one currency, and of nobody by name.
 */
export function salesOf(
  db: Database,
  currency: Currency,
  { nowMs, offsetMs }: SalesTime,
): Result<SalesView, StorageFailure> {
  const today = Math.floor((nowMs + offsetMs) / dayMs);
  const first = today - weekCount * 7 + 1;
  return db.read(() => {
    const rows = db
      .prepare(
        `SELECT CAST((opened_ms + ?) / ${dayMs} AS INTEGER) AS day, COUNT(*) AS count,
           SUM(COALESCE(resolved_minor, billed_minor, total_minor)) AS sum_minor
         FROM charge
         WHERE opened_ms >= ? AND opened_ms < ? AND currency = ? AND total_minor > 0 AND state <> 'voided'
         GROUP BY day LIMIT ${weekCount * 7 + 1}`,
      )
      .all(offsetMs, first * dayMs - offsetMs, (today + 1) * dayMs - offsetMs, currency);
    const byDay = new Map(rows.map((row) => [Number(row['day']), row]));
    const sumOf = (from: number, count: number): SalesView['days'][number] => {
      const found = Array.from({ length: count }, (_, i) => byDay.get(from + i)).filter((row) => row);
      return {
        count: found.reduce((sum, row) => sum + Number(row?.['count']), 0),
        sumMinor: found.reduce((sum, row) => sum + Number(row?.['sum_minor']), 0),
      };
    };
    return {
      currency,
      days: Array.from({ length: dayCount }, (_, i) => sumOf(today - dayCount + 1 + i, 1)),
      weeks: Array.from({ length: weekCount }, (_, i) => sumOf(first + 7 * i, 7)),
      endMs: (today + 1) * dayMs - offsetMs,
    };
  });
}
