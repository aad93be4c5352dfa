import { parseArgs } from 'node:util';
import { measureOperatorLoad } from '../src/simulator/system/operator-load/operator-load.ts';
import { add, addOne, print } from './bench/table.ts';

/**
 * `npm run bench:operator`: charges that the operator's program takes in a second on PostgreSQL, beside plain inserts in the same
 * minute; and a fleet that returns at once after an outage. Figures hold for the machine that it names.
 */
const whole = { type: 'string' } as const;
const { values } = parseArgs({ options: { charges: whole, cabinets: whole, connections: whole } });
const numberOf = (text: string | undefined, otherwise: number): number =>
  text === undefined ? otherwise : Number(text);

const outcome = await measureOperatorLoad({
  chargeCount: numberOf(values.charges, 1_000),
  cabinetCount: numberOf(values.cabinets, 10_000),
  connectionsMax: numberOf(values.connections, 256),
});
if (outcome === null) {
  process.stderr.write('there is no PostgreSQL here (Debian: package postgresql)\n');
  process.exit(2);
}
const { accepted, inserted, insertedBy, commitsOfCharge, outage } = outcome;
const mean = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0) / all.length;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const rounds = (all: readonly number[]): string => all.map((one) => one.toFixed(0)).join(' and ');
addOne(
  'charges taken',
  `${mean(accepted).toFixed(0)} /s`,
  `rounds: ${rounds(accepted)}; ${commitsOfCharge.toFixed(1)} commits each, debit included`,
);
addOne(
  'plain insert-commits',
  `${mean(inserted).toFixed(0)} /s`,
  `rounds: ${rounds(inserted)}; by ${insertedBy}`,
);
addOne(
  'ratio',
  (mean(accepted) / mean(inserted)).toFixed(2),
  'on as many connections to the database; aim: 0.5',
);
const back = `${outage.cabinetCount} cabinets return at once`;
addOne(`${back}: lost, not debited once`, `${outage.lost}, ${outage.notOnce}`, 'aim: 0, 0');
addOne(
  `${back}: all taken; all debited`,
  `${seconds(outage.drainedMs)}; ${seconds(outage.debitedMs)}`,
  `${outage.unanswered} requests without an answer, ${outage.askedToComeAgain} asked to come again`,
);
add(`${back}: a live charge meanwhile`, [...outage.liveMs], 'PUT to answer, retries included');
print();
process.exit(outage.lost + outage.notOnce === 0 ? 0 : 1);
