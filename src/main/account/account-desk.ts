import type { AccountAction, AccountView } from '../../shared/model/face-view.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import type { AccountFailure } from '../face/face-account.ts';
import type { FaceDesk } from '../face/face-desk.ts';
import type { PurchaseDesk } from './purchase-desk.ts';

/** The menu of a cabinet that keeps no faces. */
const noFace: AccountView = { phase: 'menu', face: null, recordCount: 0 };

/** "My data" as one screen: the member's face (null: none are kept here) and the member's purchases, side by side behind one menu. */
export class AccountDesk {
  readonly #faces: FaceDesk | null;
  readonly #purchases: PurchaseDesk;

  constructor(faces: FaceDesk | null, purchases: PurchaseDesk) {
    this.#faces = faces;
    this.#purchases = purchases;
  }

  view(): AccountView {
    return this.#purchases.view() ?? this.#faces?.accountView() ?? noFace;
  }

  /** `stale`: nothing that the screen offers now. */
  act(action: AccountAction): Result<null, AccountFailure> {
    const away = this.#purchases.view() === null;
    switch (action.do) {
      case 'purchases':
      case 'purchase':
      case 'pay':
        // From the menu only: elsewhere the camera may be on.
        if (away && this.view().phase !== 'menu') return fail('stale', 'not from here');
        return this.#purchases.act(action);
      case 'menu':
        this.#purchases.hide();
        return this.#faces?.account.act(action) ?? ok(null);
      default:
        if (!away || this.#faces === null) return fail('stale', 'not from here');
        return this.#faces.account.act(action);
    }
  }
}
