import type { PhoneBody } from '../../../shared/phone/routes.ts';

type Position = NonNullable<PhoneBody<'openCabinet'>['position']>;

/** Whoever stands before a cabinet waits no longer for it: without it the code is taken, only not for as long. */
const positionWithinMs = 6_000;

/** Where the phone is, if its owner lets that be known; null: nobody says. */
export function positionNow(geolocation: Geolocation = navigator.geolocation): Promise<Position | null> {
  return new Promise((resolve) => {
    // Asked for a permission, a browser does not count the wait.
    const late = setTimeout(() => resolve(null), positionWithinMs);
    const end = (position: Position | null): void => {
      clearTimeout(late);
      resolve(position);
    };
    geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude, accuracy } }) =>
        end({ latitude, longitude, accuracyM: Math.min(accuracy, 100_000) }),
      () => end(null),
      { enableHighAccuracy: true, timeout: positionWithinMs, maximumAge: 30_000 },
    );
  });
}
