import { useEffect, useState } from 'react';
import type { KioskApi } from '../../../shared/ipc/table.schema.ts';
import type { ServiceView } from '../../../shared/model/service.schema.ts';

/** Service mode as main draws it; null: closed. */
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
  return view;
}
