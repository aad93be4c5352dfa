import { useEffect, useState } from 'react';
import { systemClock } from '../../../shared/clock.ts';
import type { KioskApi } from '../../../shared/ipc/table.schema.ts';
import type { ServiceView } from '../../../shared/model/service.schema.ts';
import { CornerKnock } from './corner-knock.ts';

/** Service mode as main draws it; null: closed. Listens for the hidden touches meanwhile. */
export function useService(api: KioskApi): ServiceView | null {
  const [view, setView] = useState<ServiceView | null>(null);
  useEffect(() => {
    const stop = api.on('service', setView);
    // The page may have been loaded anew while somebody is signed in.
    api.service.getView({}).then(
      (result) => {
        if (result.ok) setView(result.value);
      },
      () => undefined,
    );
    return stop;
  }, [api]);
  useEffect(() => {
    const knock = new CornerKnock();
    const onTouch = ({ clientX, clientY }: PointerEvent): void => {
      const size = { width: window.innerWidth, height: window.innerHeight };
      if (knock.touch(clientX, clientY, size, systemClock.monotonicMs())) void api.service.knock({});
    };
    window.addEventListener('pointerdown', onTouch, { capture: true });
    return () => {
      window.removeEventListener('pointerdown', onTouch, { capture: true });
    };
  }, [api]);
  return view;
}
