import type { SharedOperator } from './shared-operator.ts';
import type { Cabinet } from '../cabinet.ts';
import type { Item, World } from '../world.ts';
import type { VisitTruth } from './audit.ts';

interface VisitOnRecord {
  readonly visitId: string;
  readonly chargeId: string;
  /** Tag → product. */
  readonly taken: Map<string, string>;
  confirmed: string[];
}

export interface ShopperParts {
  readonly world: World;
  readonly devices: Cabinet;
  readonly operator: SharedOperator;
  readonly record: (what: string) => void;
}

/** People before the cabinet: what their hands do, and an honest book of who has what. Knows nothing of the kiosk. */
export class Shopper {
  readonly #parts: ShopperParts;
  readonly #visits: VisitOnRecord[] = [];
  /** Whose the goods are that leave through the open door; null: nobody's (forced). */
  #owner: VisitOnRecord | null = null;

  constructor(parts: ShopperParts) {
    this.#parts = parts;
  }

  /** The bolt is about to be released for this visit: what leaves through the door from now on is on its account. */
  onVisitBegins(visitId: string, chargeId: string): void {
    if (this.#visits.at(-1)?.visitId === visitId) return;
    this.#visits.push({ visitId, chargeId, taken: new Map(), confirmed: [] });
    this.#parts.record(`unlock for ${chargeId}`);
  }
  /** The kiosk took this yes for an answer. */
  onConfirmed(skus: string[]): void {
    const visit = this.#visits.at(-1);
    if (visit !== undefined) visit.confirmed = skus;
  }
  groundTruths(): VisitTruth[] {
    return this.#visits.map((v) => ({ ...v, taken: [...v.taken.values()] }));
  }

  scan(text: string, aim?: string): void {
    this.#parts.record(`scan of ${text.length} characters`);
    this.#parts.devices.scanner.device.scan(text, aim);
  }
  /** Holds a phone with a fresh code before the scanner; answers the code. */
  async present(memberId = 'M1001', purpose: 'visit' | 'enrol' = 'visit'): Promise<string> {
    const code = await this.#parts.operator.memberCode(memberId, undefined, purpose);
    this.scan(code);
    return code;
  }

  /** Pulls the handle (of several doors this one, from 1); false when the bolt is in. */
  pull(door?: number): boolean {
    const pulled = this.#parts.world.pull(door).ok;
    this.#parts.record(pulled ? 'door pulled' : 'door pulled in vain');
    if (pulled) this.#owner = this.#visits.at(-1) ?? null;
    return pulled;
  }
  /** Opens the bolted door with a crowbar: what is taken now is nobody's purchase. */
  force(): void {
    this.#parts.record('door forced');
    this.#parts.world.force();
    this.#owner = null;
  }
  shut(door?: number): void {
    this.#parts.record('door shut');
    this.#parts.world.close(door);
  }

  /** Takes one of these; null when none is left. */
  tryTake(sku: string): Item | null {
    const taken = this.#parts.world.take({ sku });
    if (!taken.ok) return null;
    this.#parts.record(`takes ${sku}`);
    // What a shopper brought along is not the cabinet's.
    if (!taken.value.foreign) this.#owner?.taken.set(taken.value.epc, sku);
    return taken.value;
  }
  take(sku: string): Item {
    const item = this.tryTake(sku);
    if (item === null) throw new Error(`no ${sku} to be taken`);
    return item;
  }
  putBack(item: Item): void {
    const put = this.#parts.world.putBack({ epc: item.epc });
    if (!put.ok) throw new Error(put.error.message);
    this.#parts.record(`puts back ${item.sku ?? 'something'}`);
    this.noLongerHeld(item);
  }
  /** It is not with the shopper any more. */
  noLongerHeld(item: Item): void {
    this.#owner?.taken.delete(item.epc);
  }
  /** Puts something in that is not of this cabinet. */
  putForeign(): Item {
    const put = this.#parts.world.putForeign({});
    if (!put.ok) throw new Error(put.error.message);
    this.#parts.record('puts something foreign in');
    return put.value;
  }
}
