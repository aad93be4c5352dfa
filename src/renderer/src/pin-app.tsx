import { useEffect, useLayoutEffect, useState } from 'react';
import { localeOf } from '../../shared/i18n/language.ts';
import type { PinViewApi } from '../../shared/ipc/table.schema.ts';
import type { PinPad } from '../../shared/model/pin-pad.schema.ts';
import { KioskFrame, kioskOf, useDocument } from './app.tsx';
import { PadScreen } from './features/service/pad-screen.tsx';
import { noIntents } from './kiosk/context.ts';
import { useNight } from './kiosk/use-environment.ts';
import { useKioskState } from './kiosk/use-kiosk-state.ts';
import { coverText } from './theme/fonts.ts';

/** The PIN view: draws what main asks for, and sends what was typed to main alone. */
export function PinApp({ api }: { api: PinViewApi }) {
  const [state, dispatch] = useKioskState(api.pin.getSnapshot, api, true);
  const { snapshot, language, largeText } = state;
  const [pad, setPad] = useState<PinPad | null>(null);
  useEffect(() => api.on('pad', setPad), [api]);
  useDocument(localeOf(language), largeText, useNight());
  // Names are not known before.
  useLayoutEffect(() => coverText(JSON.stringify(pad)), [pad]);
  if (snapshot === null || pad === null) return null;
  return (
    <KioskFrame kiosk={kioskOf(snapshot, state, dispatch, noIntents)}>
      <PadScreen key={pad.padId} pad={pad} calls={api.pin} />
    </KioskFrame>
  );
}
