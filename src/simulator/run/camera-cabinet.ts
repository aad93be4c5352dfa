import { ComposedShelf, composedSlots } from './composed-shelf.ts';
import { type VisitSummary, say, sayCharge } from './demo-steps.ts';
import type { OperatorCharge } from '../../shared/api/development-routes.ts';
import type { AppHarness } from '../../testkit/app/app-harness.ts';
import { until } from '../../testkit/until.ts';

/** The real app on a cabinet with a camera inside: what is moved is seen by it. */
export class CameraCabinet {
  readonly harness: AppHarness;
  readonly #shelf: ComposedShelf;

  private constructor(harness: AppHarness) {
    this.harness = harness;
    this.#shelf = new ComposedShelf(harness.cameraFile);
  }

  static async start(harness: AppHarness): Promise<CameraCabinet> {
    const cabinet = new CameraCabinet(harness);
    const corners = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ];
    const camera = { id: 'shelf-1', camera: harness.cameraFile, shelf: corners, slots: composedSlots };
    harness.changeSettings({ shelf: { ...harness.scaleShelf, cameras: [camera] } });
    await cabinet.look();
    await harness.launch();
    return cabinet;
  }

  /** The camera sees the shelf as it is now. */
  async look(): Promise<void> {
    await this.#shelf.show((await this.harness.cabinet.state()).goods);
  }

  /** From the start screen through the door, by code; whoever comes in is slower than a camera. */
  async enter(): Promise<void> {
    const { screen, cabinet } = this.harness;
    await screen.waitScreen('attract');
    const before = this.harness.logged('goods.before');
    await screen.tap('action-choose-code');
    await until('the camera has a picture', () => this.harness.logged('goods.before') > before);
    await cabinet.present();
    await cabinet.pull();
    await screen.waitScreen('shopping');
    say('scans, and pulls the door; the camera has a picture from before');
  }

  async take(sku: string): Promise<void> {
    await this.harness.cabinet.take(sku);
    await this.look();
  }

  /** Answers when. */
  async shut(): Promise<number> {
    const closedMs = Date.now();
    await this.harness.cabinet.shut();
    return closedMs;
  }

  /** A row of the table at the end. */
  summary(visit: string, charge: OperatorCharge, shown: string, closedMs: number): VisitSummary {
    const { state, receivedCount, debitCount, totalMinor, paidAtMs } = charge;
    return {
      ...{ visit, lines: sayCharge(charge), total: `¥${(totalMinor / 100).toFixed(2)}`, receipt: shown },
      ...{ operator: `${state}, received ${receivedCount}×`, debits: debitCount, basketMs: '-' },
      paidAfterMs: paidAtMs === null ? 0 : Math.max(paidAtMs - closedMs, 0),
    };
  }
}
