import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { LoadRound, ProcessorMs } from '../src/simulator/system/operator-load/operator-load.ts';
import { measureOperatorLoad } from '../src/simulator/system/operator-load/operator-load.ts';
import { add, addOne, print } from './bench/table.ts';

/**
 * `npm run bench:operator`: charges that the operator's program takes in a second on PostgreSQL, beside plain inserts in the same
 * minute, and what each costs a processor, which says more than the first where others use the machine too; and a fleet that
 * returns at once after an outage. Figures hold for the machine that it names.
 */
const whole = { type: 'string' } as const;
const { values } = parseArgs({ options: { charges: whole, cabinets: whole, connections: whole } });
const numberOf = (text: string | undefined, otherwise: number): number =>
  text === undefined ? otherwise : Number(text);

const outcome = await measureOperatorLoad({
  chargeCount: numberOf(values.charges, 2_000),
  cabinetCount: numberOf(values.cabinets, 10_000),
  connectionsMax: numberOf(values.connections, 256),
});
if (outcome === null) {
  process.stderr.write('there is no PostgreSQL here (Debian: package postgresql)\n');
  process.exit(2);
}
const { rounds, chargeCount, insertedBy, commitsOfCharge, outage } = outcome;
const meanOf = (of: (round: LoadRound) => number): number =>
  rounds.reduce((sum, round) => sum + of(round), 0) / rounds.length;
const each = (of: (round: LoadRound) => number): string =>
  `rounds: ${rounds.map((round) => of(round).toFixed(0)).join(' and ')}`;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const sumOf = ({ service, database, senders }: ProcessorMs): number => service + database + senders;
const partsOf = (of: (round: LoadRound) => ProcessorMs, sender: string): string => {
  const part = (name: keyof ProcessorMs): string => meanOf((round) => of(round)[name]).toFixed(2);
  return `service ${part('service')}, PostgreSQL ${part('database')}, ${sender} ${part('senders')}`;
};
const taken = meanOf((round) => round.takenPerS);
const inserted = meanOf((round) => round.insertedPerS);
const takenMs = meanOf((round) => sumOf(round.taken));
const debitedMs = meanOf((round) => sumOf(round.debited));
const insertMs = meanOf((round) => sumOf(round.insert));
const cores = cpus().length;

addOne(
  'charges taken',
  `${taken.toFixed(0)} /s`,
  each((round) => round.takenPerS),
);
addOne(
  '… and debited',
  `${meanOf((round) => round.debitedPerS).toFixed(0)} /s`,
  `${each((round) => round.debitedPerS)}; ${commitsOfCharge.toFixed(2)} commits each; of ${chargeCount} ` +
    `${meanOf((round) => round.leftToDebit).toFixed(0)} were left when the last was taken`,
);
addOne(
  'plain insert-commits',
  `${inserted.toFixed(0)} /s`,
  `${each((round) => round.insertedPerS)}; by ${insertedBy}`,
);
addOne(
  'ratio',
  (taken / inserted).toFixed(2),
  `on as many connections to the database; aim: 0.5; by processor time alone ${(insertMs / takenMs).toFixed(2)}`,
);
/** What so much processor time for each allows at most. */
const mostOf = (ms: number): string => `${((cores * 1_000) / ms).toFixed(0)} /s on ${cores} cores at most`;
addOne(
  'processor for a charge taken',
  `${takenMs.toFixed(2)} ms`,
  `${partsOf(({ taken: of }) => of, 'senders')}; ${mostOf(takenMs)}`,
);
addOne(
  '… and debited',
  `${debitedMs.toFixed(2)} ms`,
  `${partsOf(({ debited: of }) => of, 'senders')}; ${mostOf(debitedMs)}`,
);
addOne(
  '… for an insert',
  `${insertMs.toFixed(2)} ms`,
  `${partsOf(({ insert: of }) => of, insertedBy)}; ${mostOf(insertMs)}`,
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
