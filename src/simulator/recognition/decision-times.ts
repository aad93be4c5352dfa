import { FusedEstimator } from '../../core/recognition/fusion/fused-estimator.ts';
import { SeededRandom } from '../../shared/random.ts';
import { SimulatedCabinet } from './cabinet.ts';
import { playVisit } from './visit.ts';

/** A shopper comes so often, ms. */
const visitEveryMs = 600_000;

export interface DecisionTimes {
  /** Pieces on the shelf. */
  readonly pieceCount: number;
  /** CPU time of each decision, ms: from what the sensors said last to the list, live or for the bill. */
  readonly cpuMs: number[];
}

/** What a decision of the fused estimator costs, over visits as the simulation plays them, with scales and tags. */
export function measureDecisions(visits: number, seed: number): DecisionTimes {
  const cabinet = new SimulatedCabinet(new SeededRandom(seed));
  const pieceCount = cabinet.pieces.length;
  const fused = new FusedEstimator(cabinet.layout({ tags: true, scales: true, cameras: false }));
  const cpuMs: number[] = [];
  const timed = <T>(decide: () => T): T => {
    const before = process.cpuUsage();
    const decided = decide();
    const { user, system } = process.cpuUsage(before);
    cpuMs.push((user + system) / 1000);
    return decided;
  };
  for (let number = 0; number < visits; number++) {
    playVisit({
      ...{ cabinet, faults: [], physics: { shadows: 1, noise: 1 } },
      random: new SeededRandom(seed * 1_000_003 + number),
      startMs: number * visitEveryMs,
      watcher: {
        begin: (nowMs) => {
          fused.startVisit(cabinet.stock(), nowMs);
        },
        observe: (observation) => {
          if (observation.kind !== 'pictures') fused.observe(observation);
        },
        changed: () => undefined,
        glance: () => void timed(() => fused.basket()),
        review: () => undefined,
        shut: (atMs) => {
          fused.doorShut(atMs);
        },
        isDone: (isLast) => timed(() => fused.verdict()).isSettled || isLast,
      },
    });
    fused.endVisit();
    cabinet.tidy();
  }
  return { pieceCount, cpuMs };
}
