import { Mark } from '../drawings/mark.tsx';

/** Until the first snapshot is there: our mark, nothing else. */
export function Splash() {
  return (
    <main className="grid h-screen place-items-center" data-testid="screen-splash">
      <Mark className="size-220" />
    </main>
  );
}
