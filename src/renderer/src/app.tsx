import { LazyMotion, MotionConfig, domAnimation } from 'motion/react';
import { type ReactNode, useLayoutEffect, useMemo } from 'react';
import { I18nextProvider } from 'react-i18next';
import type { KioskApi } from '../../shared/ipc/schema.ts';
import { Toast } from './components/toast.tsx';
import { localeOf, translations } from './i18n/i18n.ts';
import { type Kiosk, KioskContext, bindIntents } from './kiosk/context.ts';
import { usePaintedSeq, useKioskState, useSounds } from './kiosk/use-kiosk-state.ts';
import { useNight } from './kiosk/use-environment.ts';
import { Screen } from './screens/screen.tsx';
import { Splash } from './screens/splash.tsx';
import { coverText } from './theme/fonts.ts';

/** Snapshot in, screen out. What is kept here is only the screen's own: language, text size, the sentence of the moment. */
export function App({ api }: { api: KioskApi }) {
  const [state, dispatch] = useKioskState(api);
  const { snapshot, receivedAtMs, language, largeText, notice } = state;
  const intents = useMemo(
    () => bindIntents(api, (n) => dispatch({ type: 'notice', notice: n })),
    [api, dispatch],
  );
  useDocument(localeOf(language), largeText, useNight());
  useSounds(snapshot?.visit ?? null);
  // Names of goods and places are not known before: their characters, before the first layout with them.
  useLayoutEffect(() => coverText(JSON.stringify(snapshot)), [snapshot]);
  usePaintedSeq(snapshot?.seq ?? null);
  if (snapshot === null) return <Splash />;
  const kiosk: Kiosk = {
    snapshot,
    receivedAtMs,
    language,
    largeText,
    notice,
    intents,
    toggleLanguage: () => dispatch({ type: 'language' }),
    toggleTextSize: () => dispatch({ type: 'textSize' }),
  };
  return (
    <KioskFrame kiosk={kiosk}>
      <Screen key={snapshot.visit.screen} view={snapshot.visit} />
      <Toast />
    </KioskFrame>
  );
}

/** Everything that a screen needs around it; also used to draw a screen on its own in tests. */
export function KioskFrame({ kiosk, children }: { kiosk: Kiosk; children: ReactNode }) {
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

function useDocument(locale: string, largeText: boolean, night: boolean): void {
  useLayoutEffect(() => {
    const root = document.documentElement;
    root.lang = locale;
    root.dataset['text'] = largeText ? 'large' : 'normal';
    root.dataset['theme'] = night ? 'night' : 'day';
  }, [locale, largeText, night]);
}
