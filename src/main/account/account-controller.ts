import type { VisitEvent } from '../../core/visit/visit-model.ts';
import type { AccountAction, AccountView, ConsentAction } from '../../shared/model/face-view.schema.ts';
import { type Failure, type Result, fail, ok } from '../../shared/result.ts';
import type { AccountFailure } from '../face/face-account.ts';
import type { FaceController } from '../face/face-controller.ts';
import type { PurchaseHistory } from './purchase-history.ts';

/** The menu of a cabinet that keeps no faces. */
const noFace: AccountView = { phase: 'menu', face: null, recordCount: 0 };

/** How somebody gets to the account. */
export interface AccountEntry {
  readonly isOnline: () => boolean;
  readonly dispatch: (event: VisitEvent) => void;
}

/** The account as one screen: the member's face (null: none are stored here) and the member's purchases behind one menu. */
export class AccountController {
  readonly #faces: FaceController | null;
  readonly #purchases: PurchaseHistory;
  readonly #entry: AccountEntry;

  constructor(faces: FaceController | null, purchases: PurchaseHistory, entry: AccountEntry) {
    this.#faces = faces;
    this.#purchases = purchases;
    this.#entry = entry;
  }

  /**
   * Somebody wants to see their account: by code; without a network, which the code needs, by face, so that consent can be
   * withdrawn at any time. `stale`: no network, and no faces here.
   */
  choose(): Result<null, Failure<'stale'>> {
    const isOnline = this.#entry.isOnline();
    if (!isOnline && this.#faces === null) return fail('stale', 'neither code nor face');
    this.#entry.dispatch({ type: 'chooseAccount', by: isOnline ? 'code' : 'face' });
    return ok(null);
  }

  view(): AccountView {
    return this.#purchases.view() ?? this.#faces?.accountView() ?? noFace;
  }

  /** `stale`: nothing that the screen offers now. */
  act(action: AccountAction | ConsentAction): Result<null, AccountFailure> {
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
