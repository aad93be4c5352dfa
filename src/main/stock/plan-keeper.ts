import {
  type MoveFailure,
  type MoveRoom,
  type WantedMove,
  mayWait,
  moveStep,
  movesThatCount,
  withMoves,
} from '../../core/stock/plan-moves.ts';
import { problemsOfPlan } from '../../core/stock/planogram.ts';
import {
  type KeptPlan,
  type PlanMove,
  type PlanSlot,
  type Planogram,
  keptPlanSchema,
  waitingMovesSchema,
} from '../../shared/model/planogram.schema.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import type { Database, StorageFailure } from '../storage/database.ts';
import { fromJson } from '../storage/json-text.ts';
import { MetaStore } from '../storage/meta-store.ts';

export interface PlanKeeperOptions {
  readonly database: Database;
  /** The operator's newest plan; null: it has none. */
  readonly draft: () => Planogram | null;
  readonly skus: () => ReadonlySet<string>;
  /** Which article stands on which scale, and which are looked for by a camera in their place. */
  readonly room: MoveRoom;
  /** The operator's time, ms. */
  readonly nowMs: () => number;
}

/** Where an article stood before a step and stands after it. */
export type MovedPlaces = Readonly<
  Record<string, { readonly before: string | null; readonly after: string | null }>
>;

/**
 * What is to stand in this cabinet: the plan that was filled last, with what was moved in it, and the operator's newer one, which
 * waits for a restock. What is moved waits until goods are accepted. Each change is one transaction, or joins the outer one.
 */
export class PlanKeeper {
  readonly #o: PlanKeeperOptions;
  readonly #meta: MetaStore;

  constructor(options: PlanKeeperOptions) {
    this.#o = options;
    this.#meta = new MetaStore(options.database);
  }

  /** The one that was filled last, its slots as they stand; null: none, or none that this version can read. */
  inForce(): KeptPlan | null {
    const plan = this.#kept();
    return plan && { ...plan, slots: withMoves(plan.slots, plan.moves) };
  }

  /** The operator's newer one; null: there is none, or it has ended. */
  draft(): Planogram | null {
    const draft = this.#o.draft();
    const isInTime = draft !== null && draft.expiresAtMs > this.#o.nowMs();
    return isInTime && draft.version > (this.#kept()?.version ?? 0) ? draft : null;
  }

  /** Why the draft cannot be filled here, `no_such_lane: cola 7`; null: it can, or there is none. */
  problem(): string | null {
    const draft = this.draft();
    if (draft === null) return null;
    const { skus, room } = this.#o;
    const [first] = problemsOfPlan(draft.slots, { skus: skus(), laneOf: room.laneOf });
    return first === undefined ? null : `${first.problem}: ${first.about}`;
  }

  /** The cabinet has been made known to its operator anew: what another one has planned counts no more. */
  forget(): Result<void, StorageFailure> {
    return this.#keep('');
  }

  /** From now on the draft is what is to stand here, all of it: what was moved in the one before is not. */
  apply(): Result<void, StorageFailure | { code: 'no_draft' | 'does_not_fit'; message: string }> {
    const [draft, problem] = [this.draft(), this.problem()];
    if (draft === null) return fail('no_draft', 'the operator has no newer plan');
    if (problem !== null) return fail('does_not_fit', problem);
    return this.#keep(JSON.stringify(draft));
  }

  /** Where articles are to stand by the operator's plan, and where they do once what waits counts; null: there is no plan. */
  places(): {
    readonly planned: readonly PlanSlot[];
    readonly moves: readonly PlanMove[];
    readonly waiting: ReadonlySet<string>;
  } | null {
    const plan = this.#kept();
    if (plan === null) return null;
    const steps = this.#waiting(plan).flat();
    const moves = movesThatCount(plan.slots, [...plan.moves, ...steps]);
    return { planned: plan.slots, moves, waiting: new Set(steps.map(({ sku }) => sku)) };
  }

  /** This article stands there now; it waits for goods to be accepted. */
  move(wanted: WantedMove, by: string): Result<MovedPlaces, MoveFailure | StorageFailure> {
    const plan = this.#kept();
    if (plan === null) return fail('not_planned', 'there is no plan');
    const steps = this.#waiting(plan);
    const may = mayWait(steps);
    if (!may.ok) return may;
    const places = withMoves(plan.slots, [...plan.moves, ...steps.flat()]);
    const step = moveStep(places, wanted, this.#o.room, { by, atMs: Math.round(this.#o.nowMs()) });
    if (!step.ok) return step;
    const kept = this.#keepWaiting(plan, [...steps, step.value]);
    return kept.ok ? ok(movedFrom(places, step.value)) : kept;
  }

  /** The last step that waits is undone. */
  undoMove(): Result<MovedPlaces, StorageFailure | { code: 'nothing_waits'; message: string }> {
    const plan = this.#kept();
    const steps = plan === null ? [] : this.#waiting(plan);
    const last = steps.at(-1);
    if (plan === null || last === undefined) return fail('nothing_waits', 'nothing was moved');
    const before = withMoves(plan.slots, [...plan.moves, ...steps.flat()]);
    const after = withMoves(plan.slots, [...plan.moves, ...steps.slice(0, -1).flat()]);
    const kept = this.#keepWaiting(plan, steps.slice(0, -1));
    const back = last.flatMap(({ sku }) => after.filter((one) => one.sku === sku));
    return kept.ok ? ok(movedFrom(before, back)) : kept;
  }

  /** The goods are accepted as they stand: what waits counts. Empty: nothing did. */
  settle(): Result<MovedPlaces, StorageFailure> {
    const plan = this.#kept();
    const steps = plan === null ? [] : this.#waiting(plan);
    if (plan === null || steps.length === 0) return ok({});
    const moves = movesThatCount(plan.slots, [...plan.moves, ...steps.flat()]);
    const kept = this.#keep(JSON.stringify({ ...plan, moves }));
    const places = withMoves(plan.slots, plan.moves);
    const now = withMoves(plan.slots, moves);
    const touched = new Set(steps.flat().map(({ sku }) => sku));
    return kept.ok
      ? ok(
          movedFrom(
            places,
            now.filter(({ sku }) => touched.has(sku)),
          ),
        )
      : kept;
  }

  /** As it was put in force, and beside it what was moved. */
  #kept(): KeptPlan | null {
    const kept = this.#meta.get('planogram');
    const plan = keptPlanSchema.safeParse(kept.ok ? fromJson(kept.value) : null);
    return plan.success ? plan.data : null;
  }

  /** Steps of another plan than the one in force are none: nobody has said them of this one. */
  #waiting({ version }: KeptPlan): PlanMove[][] {
    const kept = this.#meta.get('planogram_moves');
    const waiting = waitingMovesSchema.safeParse(kept.ok ? fromJson(kept.value) : null);
    return waiting.success && waiting.data.version === version ? waiting.data.steps : [];
  }

  #keepWaiting({ version }: KeptPlan, steps: readonly PlanMove[][]): Result<void, StorageFailure> {
    return this.#meta.set('planogram_moves', steps.length === 0 ? '' : JSON.stringify({ version, steps }));
  }

  /** Nothing waits any more. */
  #keep(plan: string): Result<void, StorageFailure> {
    return this.#o.database.transaction(() => {
      const kept = this.#meta.set('planogram', plan);
      return kept.ok ? this.#meta.set('planogram_moves', '') : kept;
    });
  }
}

function movedFrom(
  before: readonly PlanSlot[],
  after: readonly Pick<PlanSlot, 'sku' | 'slot'>[],
): MovedPlaces {
  const slotOf = new Map(before.map(({ sku, slot }) => [sku, slot]));
  return Object.fromEntries(
    after.map(({ sku, slot }) => [sku, { before: slotOf.get(sku) ?? null, after: slot }]),
  );
}
