import { unreachable } from '../../../shared/assert.ts';
import type { VisitView } from '../../../shared/model/visit.ts';
import { AccountScreen } from './account.tsx';
import { AttractScreen } from './attract.tsx';
import { AuthorisingScreen } from './authorising.tsx';
import { CheckingScreen } from './checking.tsx';
import { FaceScreen } from './face.tsx';
import { IdentifyingScreen } from './identifying.tsx';
import { NothingChargedScreen } from './nothing-charged.tsx';
import { OutOfServiceScreen } from './out-of-service.tsx';
import { ReceiptScreen } from './receipt.tsx';
import { RecoveringScreen } from './recovering.tsx';
import { RefusedScreen } from './refused.tsx';
import { ShoppingScreen } from './shopping.tsx';
import { UnlockingScreen } from './unlocking.tsx';

/** The one place that says which screen a visit is on; a new screen does not compile until it is here. */
export function Screen({ view }: { view: VisitView }) {
  switch (view.screen) {
    case 'attract':
      return <AttractScreen />;
    case 'identifying':
      return <IdentifyingScreen view={view} />;
    case 'face':
      return <FaceScreen view={view} />;
    case 'account':
      return <AccountScreen view={view} />;
    case 'authorising':
      return <AuthorisingScreen view={view} />;
    case 'refused':
      return <RefusedScreen view={view} />;
    case 'unlocking':
      return <UnlockingScreen view={view} />;
    case 'shopping':
      return <ShoppingScreen view={view} />;
    case 'checking':
      return <CheckingScreen view={view} />;
    case 'receipt':
      return <ReceiptScreen view={view} />;
    case 'nothing_charged':
      return <NothingChargedScreen view={view} />;
    case 'recovering':
      return <RecoveringScreen />;
    case 'out_of_service':
      return <OutOfServiceScreen view={view} />;
    default:
      return unreachable(view);
  }
}
