import type { AccountAction, AccountView } from '../../shared/model/face-view.schema.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import type { AccountFailure } from '../face/face-account.ts';
import type { FaceController } from '../face/face-controller.ts';
import type { PurchaseHistory } from './purchase-history.ts';

/** The menu of a cabinet that keeps no faces. */
const noFace: AccountView = { phase: 'menu', face: null, recordCount: 0 };

/** The account as one screen: the member's face (null: none are stored here) and the member's purchases behind one menu. */
export class AccountController {
  readonly #faces: FaceController | null;
  readonly #purchases: PurchaseHistory;

  constructor(faces: FaceController | null, purchases: PurchaseHistory) {
    this.#faces = faces;
    this.#purchases = purchases;
  }

  view(): AccountView {
    return this.#purchases.view() ?? this.#faces?.accountView() ?? noFace;
  }

  /** `stale`: nothing that the screen offers now. */
  act(action: AccountAction): Result<null, AccountFailure> {
    const isFaceShown = this.#purchases.view() === null;
    switch (action.do) {
      case 'purchases':
      case 'purchase':
      case 'pay':
        // From the menu only: elsewhere the camera may be on.
        if (isFaceShown && this.view().phase !== 'menu') return fail('stale', 'not from here');
        return this.#purchases.act(action);
      case 'menu':
        this.#purchases.hide();
        return this.#faces?.account.act(action) ?? ok(null);
      default:
        if (!isFaceShown || this.#faces === null) return fail('stale', 'not from here');
        return this.#faces.account.act(action);
    }
  }
}
