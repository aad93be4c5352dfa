import { LazyMotion, MotionConfig, domAnimation } from 'motion/react';
import { type ReactNode, useLayoutEffect, useMemo } from 'react';
import { I18nextProvider } from 'react-i18next';
import { unreachable } from '../../shared/assert.ts';
import type { KioskApi } from '../../shared/ipc/table.schema.ts';
import type { KioskSnapshot, VisitView } from '../../shared/model/visit.schema.ts';
import { AccountScreen } from './features/account/account-screen.tsx';
import { ChoosingDoorScreen } from './features/entry/choosing-door-screen.tsx';
import { AttractScreen } from './features/entry/attract-screen.tsx';
import { AuthorisingScreen } from './features/entry/authorising-screen.tsx';
import { IdentifyingScreen } from './features/entry/identifying-screen.tsx';
import { RefusedScreen } from './features/entry/refused-screen.tsx';
import { UnlockingScreen } from './features/entry/unlocking-screen.tsx';
import { FaceUnderneath } from './features/face/face-screen.tsx';
import { NothingChargedScreen } from './features/receipt/nothing-charged-screen.tsx';
import { ReceiptScreen } from './features/receipt/receipt-screen.tsx';
import { OutOfServiceScreen } from './features/service/out-of-service-screen.tsx';
import { RecoveringScreen } from './features/service/recovering-screen.tsx';
import { ServiceScreens } from './features/service/service-screens.tsx';
import { Splash } from './features/service/splash.tsx';
import { CheckingScreen } from './features/shopping/checking-screen.tsx';
import { ShoppingScreen } from './features/shopping/shopping-screen.tsx';
import { localeOf } from '../../shared/i18n/language.ts';
import { translations } from './i18n/i18n.ts';
import { type KioskView, KioskContext, bindIntents } from './kiosk/context.ts';
import type { KioskAction, KioskState } from './kiosk/kiosk-state.ts';
import { useNight } from './kiosk/use-environment.ts';
import { usePaintedSeq, useKioskState, useSounds } from './kiosk/use-kiosk-state.ts';
import { useService } from './kiosk/use-service.ts';
import { coverText } from './theme/fonts.ts';
import { InCurrency } from './ui/in-currency.tsx';
import { Toast } from './ui/toast.tsx';

/** Snapshot in, screen out. What is kept here is only the screen's own: language, text size, the sentence of the moment. */
export function App({ api }: { api: KioskApi }) {
  const service = useService(api);
  const [state, dispatch] = useKioskState(api.visit.getSnapshot, api, service !== null);
  const { snapshot, language, largeText } = state;
  const intents = useMemo(
    () => bindIntents(api, (n) => dispatch({ type: 'notice', notice: n })),
    [api, dispatch],
  );
  useDocument(localeOf(language), largeText, useNight());
  useSounds(snapshot);
  // Names of goods and places are not known before: their characters, before the first layout with them.
  useLayoutEffect(() => coverText(JSON.stringify(snapshot)), [snapshot]);
  usePaintedSeq(snapshot?.seq ?? null);
  if (snapshot === null) return <Splash />;
  return (
    <KioskFrame kiosk={kioskOf(snapshot, state, dispatch, intents)}>
      {service === null ? (
        <Screen key={snapshot.visit.screen} view={snapshot.visit} />
      ) : (
        <ServiceScreens view={service} calls={api.service} />
      )}
      <Toast />
    </KioskFrame>
  );
}

/** The one place that says which screen a visit is on; a new screen does not compile until it is here. */
export function Screen({ view }: { view: VisitView }) {
  switch (view.screen) {
    case 'attract':
      return <AttractScreen />;
    case 'identifying':
      return <IdentifyingScreen view={view} />;
    case 'face':
      return <FaceUnderneath view={view} />;
    case 'account':
      return <AccountScreen view={view} />;
    case 'authorising':
      return <AuthorisingScreen view={view} />;
    case 'refused':
      return <RefusedScreen view={view} />;
    case 'choosing_door':
      return <ChoosingDoorScreen view={view} />;
    case 'unlocking':
      return <UnlockingScreen view={view} />;
    case 'shopping':
      return (
        <InCurrency currency={view.currency}>
          <ShoppingScreen view={view} />
        </InCurrency>
      );
    case 'checking':
      return (
        <InCurrency currency={view.currency}>
          <CheckingScreen view={view} />
        </InCurrency>
      );
    case 'receipt':
      return (
        <InCurrency currency={view.receipt.currency}>
          <ReceiptScreen view={view} />
        </InCurrency>
      );
    case 'nothing_charged':
      return <NothingChargedScreen view={view} />;
    case 'recovering':
      return <RecoveringScreen view={view} />;
    case 'out_of_service':
      return <OutOfServiceScreen view={view} />;
    default:
      return unreachable(view);
  }
}

/** Everything that a screen needs around it; also used to draw a screen on its own in tests. */
export function KioskFrame({ kiosk, children }: { kiosk: KioskView; children: ReactNode }) {
  return (
    <I18nextProvider i18n={translations[kiosk.language]}>
      <MotionConfig reducedMotion="user">
        <LazyMotion features={domAnimation} strict>
          <KioskContext value={kiosk}>{children}</KioskContext>
        </LazyMotion>
      </MotionConfig>
    </I18nextProvider>
  );
}

/** What the screens see of it all. */
export function kioskOf(
  snapshot: KioskSnapshot,
  { receivedAtMs, language, largeText, notice }: KioskState,
  dispatch: (action: KioskAction) => void,
  intents: KioskView['intents'],
): KioskView {
  return {
    snapshot,
    receivedAtMs,
    language,
    largeText,
    notice,
    intents,
    toggleLanguage: () => dispatch({ type: 'language' }),
    toggleTextSize: () => dispatch({ type: 'textSize' }),
  };
}

export function useDocument(locale: string, largeText: boolean, night: boolean): void {
  useLayoutEffect(() => {
    const root = document.documentElement;
    root.lang = locale;
    root.dataset['text'] = largeText ? 'large' : 'normal';
    root.dataset['theme'] = night ? 'night' : 'day';
  }, [locale, largeText, night]);
}
